import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

import org.eclipse.edc.runtime.metamodel.annotation.Inject;
import org.eclipse.edc.spi.security.Vault;
import org.eclipse.edc.spi.system.ServiceExtension;
import org.eclipse.edc.spi.system.ServiceExtensionContext;

/** The key pair by which EDC's data plane signs the tokens for a pull, new at each start: its vault in memory is empty. */
public class PullKeys implements ServiceExtension {
    @Inject
    private Vault vault;

    @Override
    public void initialize(ServiceExtensionContext context) {
        KeyPair pair = rsa();
        vault.storeSecret("pull-private", pem("PRIVATE KEY", pair.getPrivate()));
        vault.storeSecret("pull-public", pem("PUBLIC KEY", pair.getPublic()));
    }

    private static KeyPair rsa() {
        try {
            KeyPairGenerator maker = KeyPairGenerator.getInstance("RSA");
            maker.initialize(2048);
            return maker.generateKeyPair();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String pem(String label, Key key) {
        String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded());
        return String.format("-----BEGIN %1$s-----%n%2$s%n-----END %1$s-----%n", label, lines);
    }
}

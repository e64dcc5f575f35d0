/* app/serve/serve.h - the command that runs a node. */
#ifndef HT_APP_SERVE_SERVE_H
#define HT_APP_SERVE_SERVE_H

#include "base/lang.h"

/* argv: what stands after `serve`; it reads its settings itself, --help too. The exit status (app/command.h). */
int ht_app_serve(int argc, char **argv, enum ht_lang lang);

#endif

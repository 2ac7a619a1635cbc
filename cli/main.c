/* SPDX-License-Identifier: MIT
 *
 * wipyctl, the command line of wipyd.
 */
#include "config.h"

#include "cli/cli.h"

int main(int argc, char **argv)
{
	return cli_main(argc, argv);
}

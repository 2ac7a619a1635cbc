/* SPDX-License-Identifier: MIT
 *
 * `wipyctl completion bash|zsh|fish`: scripts that ask `wipyctl complete`, which knows the
 * table of commands, at each key. What a shell needs beyond that is how it cuts words.
 */
#include "config.h"

#include <string.h>

#include "cli/cli.h"
#include "cli/cmd.h"

/* bash cuts words at '=' and ':' as well: they are put together again, and of the answers
 * only what follows the last such sign is given back. */
static const char bash[] =
	"# Completion of wipyctl for bash, made by: wipyctl completion bash\n"
	"_wipyctl() {\n"
	"    local rest=${COMP_LINE:0:COMP_POINT} word line head='' files='' i n=-1\n"
	"    local -a words=()\n"
	"    for ((i = 0; i <= COMP_CWORD; i++)); do\n"
	"        word=${COMP_WORDS[i]}\n"
	"        if [[ $i -eq 0 || $rest == [[:blank:]]* ]]; then\n"
	"            rest=${rest#\"${rest%%[![:blank:]]*}\"}\n"
	"            words[++n]=''\n"
	"        fi\n"
	"        [[ $rest == \"$word\"* ]] || word=$rest\n"
	"        words[n]+=$word\n"
	"        rest=${rest#\"$word\"}\n"
	"    done\n"
	"    case ${words[n]} in\n"
	"    [\\'\\\"]*) words[n]=${words[n]:1} ;;\n"
	"    *[=:]*) head=${words[n]%\"${words[n]##*[=:]}\"} ;;\n"
	"    esac\n"
	"    COMPREPLY=()\n"
	"    while IFS= read -r line; do\n"
	"        if [[ $line == :files ]]; then\n"
	"            files=1\n"
	"            continue\n"
	"        fi\n"
	"        line=${line%%$'\\t'*}\n"
	"        COMPREPLY+=(\"${line#\"$head\"}\")\n"
	"        [[ $line == *= ]] && compopt -o nospace\n"
	"    done < <(\"${words[0]}\" complete -- \"${words[@]:1}\" 2>/dev/null)\n"
	"    if [[ $files && ${#COMPREPLY[@]} -eq 0 ]]; then\n"
	"        compopt -o default\n"
	"    fi\n"
	"}\n"
	"complete -F _wipyctl wipyctl\n";

static const char zsh[] =
	"#compdef wipyctl\n"
	"# Completion of wipyctl for zsh, made by: wipyctl completion zsh\n"
	"_wipyctl() {\n"
	"    local line shown files=\n"
	"    local -a before found open shown_found shown_open\n"
	"    before=(\"${(@Q)words[2,CURRENT-1]}\")\n"
	"    for line in \"${(@f)$(\"${(Q)words[1]}\" complete -- \"${before[@]}\" \\\n"
	"        \"${(Q)PREFIX}\" 2>/dev/null)}\"; do\n"
	"        shown=${line/$'\\t'/  -- }\n"
	"        line=${line%%$'\\t'*}\n"
	"        case $line in\n"
	"        '') ;;\n"
	"        :files) files=1 ;;\n"
	"        *=) open+=(\"$line\") shown_open+=(\"$shown\") ;;\n"
	"        *) found+=(\"$line\") shown_found+=(\"$shown\") ;;\n"
	"        esac\n"
	"    done\n"
	"    compadd -l -d shown_found -a found\n"
	"    compadd -l -S '' -d shown_open -a open\n"
	"    [[ -n $files ]] && _files\n"
	"    return 0\n"
	"}\n"
	"if [[ $funcstack[1] == _wipyctl ]]; then\n"
	"    _wipyctl \"$@\"\n"
	"else\n"
	"    compdef _wipyctl wipyctl\n"
	"fi\n";

static const char fish[] =
	"# Completion of wipyctl for fish, made by: wipyctl completion fish\n"
	"function __wipyctl_complete\n"
	"    set -l words (commandline -opc)\n"
	"    set -l typed (string replace -r '^[\\'\"]' '' -- (commandline -ct))\n"
	"    set -l program $words[1]\n"
	"    set -e words[1]\n"
	"    set -l found ($program complete -- $words \"$typed\" 2>/dev/null)\n"
	"    for line in $found\n"
	"        if test \"$line\" = :files\n"
	"            __fish_complete_path \"$typed\"\n"
	"        else\n"
	"            printf '%s\\n' $line\n"
	"        end\n"
	"    end\n"
	"end\n"
	"complete -c wipyctl -f -a '(__wipyctl_complete)'\n";

int cmd_completion(struct cli *cli)
{
	static const struct {
		const char *shell, *script;
	} scripts[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};
	const char *shell = args_word(cli->args, 0);

	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
		if (strcmp(shell, scripts[i].shell) == 0) {
			writer_raw(cli->out, scripts[i].script);
			return EXIT_CODE_DONE;
		}
	return cli_fail(cli, EXIT_CODE_USAGE, "the shells are bash, zsh and fish",
		"there is no completion for '%s'", shell);
}

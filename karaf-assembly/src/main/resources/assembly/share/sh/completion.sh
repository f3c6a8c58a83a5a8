# SPDX-License-Identifier: Apache-2.0
# Read by bin/httun: completion for shells and the man page, made of what "httun --help" and its like say.
# shellcheck shell=sh disable=SC2154 # HTTUN_HOME is bin/httun's

# The commands, one a line.
commands() { usage | sed -n '/^usage/,/^ENDPOINT/s/^  \(-*[a-z][a-z-]*\).*/\1/p'; }

# The options of command $1.
options() {
    case $1 in
        demo | server) echo --endpoint ;;
        drain) printf '%s\n' --for --end ;;
        import) printf '%s\n' --server --client ;;
        invite) grep '^httun:channel-add ' "$HTTUN_HOME/share/sh/console-commands" | tr ' ' '\n' | sed 1d ;;
        proxy | join | connect) "usage_$1" | grep -o -e '--[a-z][a-z-]*' | sort -u ;;
    esac
}

console_commands() { sed 's/ .*//' "$HTTUN_HOME/share/sh/console-commands"; }

one_line() { tr '\n' ' ' | sed 's/ $//'; }

# A line "COMMAND) ..." for each command with options; $1 is what stands before them and $2 what stands behind.
option_cases() {
    for each in $(commands); do
        words=$(options "$each" | one_line)
        [ -z "$words" ] || printf '        %s) %s%s%s ;;\n' "$each" "$1" "$words" "$2"
    done
}

completion_bash() {
    cat <<BASH
# Made by "httun completion bash".
_httun() {
    local line=\${COMP_LINE:0:COMP_POINT} current words
    current=\${line##* }
    if [[ \$COMP_CWORD -eq 1 ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(commands | one_line)" -- "\$current")
        return
    fi
    [[ \${COMP_WORDS[COMP_CWORD - 1]} != --endpoint ]] || { mapfile -t COMPREPLY < <(compgen -W "netty cxf fcgi" -- "\$current"); return; }
    case \${COMP_WORDS[1]} in
        shell) words="$(console_commands | one_line)" ;;
$(option_cases 'words="' '"')
        completion) words="bash zsh" ;;
        gen-key) words= ;;
        *) return ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "\$words" -- "\$current")
    # Readline takes what is behind the last colon for the word.
    [[ \$current != *:* || \$COMP_WORDBREAKS != *:* ]] || COMPREPLY=("\${COMPREPLY[@]#"\${current%"\${current##*:}"}"}")
    case \${COMP_WORDS[1]} in
        gen-key | import) [[ \$current == -* ]] || mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "\$current") ;;
    esac
}
complete -o filenames -F _httun httun
BASH
}

completion_zsh() {
    cat <<ZSH
#compdef httun
# Made by "httun completion zsh".
_httun() {
    if (( CURRENT == 2 )); then
        compadd -- $(commands | one_line)
        return
    fi
    if [[ \${words[CURRENT - 1]} == --endpoint ]]; then
        compadd -- netty cxf fcgi
        return
    fi
    case \${words[2]} in
        shell) compadd -- $(console_commands | one_line) ;;
$(option_cases 'compadd -- ' '')
        completion) compadd -- bash zsh ;;
    esac
    case \${words[2]} in
        gen-key | import) _files ;;
    esac
}
_httun "\$@"
ZSH
}

# Standard input as preformatted text of a man page.
preformatted() {
    echo .nf
    sed -e 's/\\/\\e/g' -e 's/-/\\-/g' -e "s/^[.']/\\\\\&&/"
    echo .fi
}

man_page() {
    version=$(sed -n 's/^httun\.version *= *//p' "$HTTUN_HOME/karaf/system.properties")
    cat <<ROFF
.TH HTTUN 1 "" "httun $version" "User commands"
.SH NAME
httun \\- encrypted tunnel through HTTP
.SH SYNOPSIS
.B httun
.I COMMAND
[\\fIOPTIONS\\fR]
.SH DESCRIPTION
A server runs where HTTP reaches it; a client carries TCP connections or IP packets to it in HTTP requests, encrypted and
authenticated end to end. Both run in Apache Karaf.
.SH COMMANDS
ROFF
    usage | sed '1,2d' | preformatted
    for each in proxy join connect; do
        printf '.SH %s\n' "$each"
        "usage_$each" | preformatted
    done
    cat <<'ROFF'
.SH FILES
.TP
.I /var/lib/httun, /var/lib/httun\-client, /var/lib/httun\-proxy
The folders of the three services: configuration in etc/, counters and logs in data/. An upgrade leaves them alone.
.TP
.I /usr/share/httun
The distribution. Nothing in it is to be changed.
.SH EXIT STATUS
0 on success, 1 for a failure, 2 for wrong arguments. "httun shell" with a command ends with that command's.
.SH SEE ALSO
.BR ssh (1),
.BR systemctl (1),
.BR journalctl (1)
ROFF
}

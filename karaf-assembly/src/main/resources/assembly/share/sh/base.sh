# SPDX-License-Identifier: Apache-2.0
# Read by bin/httun: folder $BASE holds what the operator wrote and what must last; Karaf's own files stay in the distribution.
# shellcheck shell=sh disable=SC2154 # HTTUN_HOME and BASE are bin/httun's

# Checksum and size of file $1.
checksum() { cksum < "$1"; }

# An older version copied Karaf's own files into etc/. They go, what the operator wrote stays, and a copy of all is kept.
convert_base() {
    [ -f "$BASE/etc/config.properties" ] || return 0
    copy=$BASE/etc-before-upgrade
    if [ ! -d "$copy" ]; then
        rm -rf "$copy.part"
        (umask 077 && mkdir "$copy.part") && cp -Rp "$BASE/etc/." "$copy.part" && chmod 700 "$copy.part" &&
            mv "$copy.part" "$copy" || die "cannot write to $BASE"
    fi
    changed=$(sed -n 's/^[0-9]* [0-9]* //p' "$HTTUN_HOME/karaf/shipped-0.1.0" | sort -u | while read -r name; do
        file=$BASE/etc/$name
        # Its checksum is checked last: until config.properties is gone, an interrupted conversion starts again.
        [ -f "$file" ] && [ "$name" != config.properties ] || continue
        if grep -qxF -e "$(checksum "$file") $name" "$HTTUN_HOME/karaf/shipped-0.1.0"; then
            [ -f "$HTTUN_HOME/etc/$name" ] && [ "${name#*/}" = "$name" ] || rm -f "$file"
            continue
        fi
        case $name in
            org.apache.karaf.features.cfg | httun-assembly.xml) rm -f "$file" ;;
            *.cfg | jvm.options | keys.properties) ;;
            *.example | */*) ;;
            *)
                rm -f "$file"
                printf ' %s' "$name"
                ;;
        esac
    done)
    rm -f "$BASE/etc/config.properties"
    rmdir "$BASE/etc/demo" "$BASE/etc/webserver" "$BASE/etc/scripts" 2>/dev/null
    sed '/^#/d' "$HTTUN_HOME/karaf/shipped-0.1.0" > "$BASE/data/httun/shipped" || die "cannot write to $BASE/data"
    say "converted $BASE for this version: Karaf's own files are in the distribution now; a copy of etc/ is $copy"
    [ -z "$changed" ] || say "your changes of these files no longer apply, docs/upgrade.md has their new places:$changed"
}

# Puts the defaults into etc/ at the first start; later replaces those that nobody has changed. What was deleted stays so.
refresh_defaults() {
    [ "$BASE" != "$HTTUN_HOME" ] || return 0
    known=$BASE/data/httun/shipped
    first=true
    [ ! -f "$known" ] || first=false
    for file in "$HTTUN_HOME"/etc/*.cfg "$HTTUN_HOME/etc/jvm.options"; do
        name=${file##*/}
        own=$BASE/etc/$name
        if [ -f "$own" ]; then
            ! cmp -s "$file" "$own" && ! $first && grep -qxF -e "$(checksum "$own") $name" "$known" || continue
        else
            # A default of a newer version is put there; one that was there before has been deleted.
            ! $first && grep -q " $name\$" "$known" && continue
        fi
        cp "$file" "$own.new" && mv "$own.new" "$own" || die "cannot write to $BASE/etc"
    done
    for file in "$HTTUN_HOME"/etc/*.cfg "$HTTUN_HOME/etc/jvm.options"; do
        echo "$(checksum "$file") ${file##*/}"
    done > "$known.new" && mv "$known.new" "$known" || die "cannot write to $BASE/data"
}

# Karaf reads configurations from one folder only, so that its own are copied to etc/ at each start. A copy that the operator, or
# a console, has changed is the operator's from then on.
provide_karaf() {
    copies=$BASE/data/httun/karaf
    for file in "$copies"/*.cfg; do
        ! cmp -s "$file" "$BASE/etc/${file##*/}" || rm -f "$BASE/etc/${file##*/}"
    done
    rm -rf "$copies"
    mkdir -p "$copies" || die "cannot write to $BASE/data"
    for file in "$HTTUN_HOME"/karaf/*.cfg; do
        [ ! -f "$BASE/etc/${file##*/}" ] || continue
        cp "$file" "$copies" && cp "$file" "$BASE/etc" || die "cannot write to $BASE/etc"
    done
}

# Karaf forgets what it has resolved when this start differs from the one before. Features that were installed at the console
# are requested in etc/requested-features from then on, and the ones that were uninstalled there no longer are.
keep_requested() {
    list=$BASE/etc/requested-features
    for state in "$BASE"/data/cache/bundle*/data/state.json; do
        # A start that was interrupted before all features were there tells nothing.
        grep -qs '"bootDone":true' "$state" || continue
        # {"features":{"root":["feature:NAME/[1,1]",...],...},"repositories":["URI",...]}
        now=$(grep -o '"feature:[^"/]*' "$state" | sed 's/"feature://' | sort -u)
        uris=$(grep -o '"repositories":\[[^]]*\]' "$state" | grep -o '"[a-z][a-z]*:[^"]*"' | tr -d '"' | grep -v '/httun-assembly.xml$')
        # What bin/httun itself had asked for is in the line of the start before.
        asked=$(tr ', ' '\n\n' < "$BASE/data/started-as" 2>/dev/null
            printf '%s\n' framework shell ssh log config bundle feature service system httun)
        added=$(for word in $now; do
            printf '%s\n' "$asked" | grep -qxF -e "$word" || echo "$word"
        done)
        gone=$(for word in $(requested "$BASE/data/requested-features"); do
            printf '%s\n%s\n' "$now" "$uris" | grep -qxF -e "$word" || echo "$word"
        done)
        [ -n "$added$gone$uris" ] || continue
        {
            if [ -f "$list" ]; then
                while IFS= read -r line || [ -n "$line" ]; do
                    # Uninstalled, or never installed because of an error: the operator decides.
                    if printf '%s\n' "$gone" | grep -qxF -e "${line:-#}"; then
                        printf '# %s: was not installed at the end\n' "$line"
                    else
                        printf '%s\n' "$line"
                    fi
                done < "$list"
            else
                echo '# Features beside those of the command, and feature repositories (URIs), one a line. Applies at the next start.'
            fi
            for word in $added $uris; do
                [ -f "$list" ] && grep -qxF -e "$word" "$list" || echo "$word"
            done
        } > "$list.new" && mv "$list.new" "$list" || die "cannot write to $BASE/etc"
    done
}

# What file $1 requests, one a line.
requested() {
    [ ! -f "$1" ] || sed 's/#.*//' "$1" | tr -s ' \t\r' '\n\n\n' | sed '/^$/d'
}

# Sets REQUESTED and REPOSITORIES, each with a comma before each word.
read_requested() {
    REQUESTED='' REPOSITORIES=''
    words=$(requested "$BASE/etc/requested-features") || exit 1
    case $words in *:*) known=any ;; *) known= ;; esac
    for word in $words; do
        case $word in
            *:*) REPOSITORIES=$REPOSITORIES,$word ;;
            *[!A-Za-z0-9._-]*) say "etc/requested-features: '$word' is no name of a feature" ;;
            *)
                if [ -n "$known" ] || grep -rqs --include='*.xml' "<feature name=\"$word\"" "$HTTUN_HOME/system"; then
                    REQUESTED=$REQUESTED,$word
                else
                    say "etc/requested-features: there is no feature '$word' in this version; it is left out"
                fi
                ;;
        esac
    done
}

# Removes what Karaf has resolved, and first saves what must last from the folders of bundles: journals of TUN devices, which
# older versions kept there.
forget_resolved() {
    for journal in "$BASE"/data/cache/bundle*/data/devices/*.properties; do
        [ -f "$journal" ] || continue
        mkdir -p "$BASE/data/httun/devices" && {
            [ -f "$BASE/data/httun/devices/${journal##*/}" ] || cp "$journal" "$BASE/data/httun/devices"
        } || die "cannot write to $BASE/data"
    done
    rm -rf "$BASE/data/cache"
    rm -f "$BASE/data/requested-features"
    [ ! -f "$BASE/etc/requested-features" ] || cp "$BASE/etc/requested-features" "$BASE/data" || die "cannot write to $BASE/data"
}

# Karaf need not resolve what the build has resolved for the same features and the same jars. src/main/resolved/Resolved.java writes
# these files and describes them.
provide_resolved() {
    resolved=$HTTUN_HOME/karaf/resolved/$features
    [ -f "$resolved" ] && [ "$(sed 1q "$resolved")" = "$build" ] && [ -z "$(requested "$BASE/etc/requested-features")" ] || return 0
    # Felix decodes paths in its own way.
    case $HTTUN_HOME$BASE in *[!A-Za-z0-9/._-]*) return 0 ;; esac
    part=$BASE/data/cache.part
    rm -rf "$part"
    mkdir -p "$part" && sed -n 's#^> \(.*\)/[^/]*$#\1#p' "$resolved" | sort -u | (cd "$part" && xargs mkdir -p) &&
        sed 1d "$resolved" | sed "s#@home@#$HTTUN_HOME#g; s#@base@#$BASE#g" |
        awk -v folder="$part" '/^> / { if (file) close(file); file = folder "/" substr($0, 3); next } { print > file }' &&
        mv "$part" "$BASE/data/cache" || rm -rf "$part"
}

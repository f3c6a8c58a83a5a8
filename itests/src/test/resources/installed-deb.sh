# SPDX-License-Identifier: Apache-2.0
# Installs package $2 with dpkg, starts its proxy on port $4 with Java $3, and purges it, all in a copy of this host's file system:
# an overlay in folder $1, in a mount namespace of its own.
set -e
work=$1
mount -t tmpfs tmpfs "$work"
mkdir "$work/upper" "$work/work" "$work/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/work" "$work/root" || { echo "no overlay"; exit 0; }
mount --rbind /proc "$work/root/proc"
mount --rbind /dev "$work/root/dev"
cp "$2" "$work/root/tmp/httun.deb"
exec env JAVA="$3" PORT="$4" chroot "$work/root" sh -ec '
    dpkg -i --force-depends /tmp/httun.deb > /tmp/dpkg.log 2>&1 || { cat /tmp/dpkg.log; exit 1; }
    stat -c "%A %U %n" /usr/share/httun/bin/httun /usr/share/httun/karaf/resolved /usr/lib/systemd/system/httun-proxy.service
    getent passwd httun
    [ ! -e /var/lib/httun-proxy ]
    find /usr/share/httun ! -user root -o -perm -002 ! -type l
    # What systemd does by StateDirectory, User, Environment and ExecStart.
    install -d -o httun -g httun -m 750 /var/lib/httun-proxy
    start=$(sed -n "s/^ExecStart=//p" /usr/lib/systemd/system/httun-proxy.service)
    HTTUN_PROXY_OPTIONS="--socks $PORT"
    eval "setpriv --reuid httun --regid httun --clear-groups --no-new-privs --bounding-set -all env -i PATH=/usr/bin:/bin \
        JAVA_HOME=$JAVA HTTUN_BASE=/var/lib/httun-proxy $start > /tmp/proxy.out 2>&1 < /dev/null &"
    proxy=$!
    for i in $(seq 240); do
        ! grep -q "httun proxy" /tmp/proxy.out && kill -0 $proxy 2> /dev/null || break
        sleep 0.5
    done
    cat /tmp/proxy.out
    stat -c "%U %a" /var/lib/httun-proxy/data/console
    kill $proxy
    wait $proxy || echo "ended with $?"
    dpkg -P httun > /tmp/dpkg.log 2>&1 || { cat /tmp/dpkg.log; exit 1; }
    [ ! -e /usr/share/httun ] && [ ! -e /var/lib/httun-proxy ] && echo purged
'

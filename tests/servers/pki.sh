# shellcheck shell=bash
# The certificates of one run, in DIR/pki, each as NAME.pem (the certificate, then its issuer's)
# and NAME.key. X.509 v3, ECDSA P-256.
#
#   ca, otherca      two authorities that know nothing of each other
#   server           by ca, for localhost and 127.0.0.1
#   wronghost        by ca, for another name
#   expired          by ca, for localhost and 127.0.0.1, until 2021
#   otherca-server   by otherca, for localhost and 127.0.0.1
#   client           by ca, CN=certuser; client-key.pem holds both parts in one file
#   otherca-client   by otherca, CN=certuser

make_pki() {
    local here='DNS:localhost,IP:127.0.0.1'
    rm -rf "$DIR/pki"
    mkdir -p "$DIR/pki"
    (
        cd "$DIR/pki" || exit
        authority ca
        authority otherca
        certificate ca server localhost serverAuth "$here"
        certificate ca wronghost wrong.invalid serverAuth 'DNS:wrong.invalid'
        certificate ca expired localhost serverAuth "$here" 20200101000000Z 20210101000000Z
        certificate otherca otherca-server localhost serverAuth "$here"
        certificate ca client certuser clientAuth 'email:certuser@localhost'
        certificate otherca otherca-client certuser clientAuth 'email:certuser@localhost'
        cat client.pem client.key >client-key.pem
        rm -rf ./*.work
        chmod 600 ./*.key client-key.pem
    )
}

authority() {
    openssl req -batch -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 3650 \
        -subj "/CN=connprobe test $1" -addext basicConstraints=critical,CA:true \
        -addext keyUsage=critical,keyCertSign,cRLSign -keyout "$1.key" -out "$1.pem" 2>/dev/null
}

# certificate ISSUER NAME CN USAGE SAN [FROM UNTIL]
certificate() {
    local issuer=$1 name=$2 cn=$3 usage=$4 san=$5
    mkdir "$name.work"
    touch "$name.work/index"
    cat >"$name.work/config" <<CONFIG
[ca]
default_ca = here
[here]
database = $name.work/index
new_certs_dir = $name.work
rand_serial = yes
default_md = sha256
policy = policy
[policy]
commonName = supplied
[extensions]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = $usage
subjectAltName = $san
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
CONFIG
    openssl req -batch -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj "/CN=$cn" \
        -keyout "$name.key" -out "$name.work/request" 2>/dev/null
    openssl ca -batch -notext -config "$name.work/config" -extensions extensions -in "$name.work/request" \
        -cert "$issuer.pem" -keyfile "$issuer.key" -startdate "${6:-20250101000000Z}" -enddate "${7:-20450101000000Z}" \
        -out "$name.pem" 2>"$name.work/log" || fail "pki: could not sign $name: see $PWD/$name.work/log"
    cat "$issuer.pem" >>"$name.pem"
}

# shellcheck shell=bash
# demo port: 28080
# nginx, on one folder: in clear (in the demo on its fixed port), over TLS, over TLS that wants a client's certificate, and
# with one that has expired. Each has what is open, what demands a login of HTTP Basic, what is denied to everybody, what
# demands one and denies it then, and redirects; and an API that wants a key in a header.

start_web() {
    local fixed=${1:-} port home=$DIR/web
    # shellcheck disable=SC2046
    set -- $(free_ports 4)
    port=${fixed:-$1}
    mkdir -p "$home"/{html/v1,tmp}
    echo hello | tee "$home/html/index.html" >"$home/html/v1/index.html"
    {
        echo "probe:$(openssl passwd -apr1 right)"
        echo "connprobe:$(openssl passwd -apr1 connprobe-demo)"
        echo "plain:{PLAIN}right"
    } >"$home/users"
    web_config "$port" "$2" "$3" "$4" >"$home/nginx.conf"
    spawn web "$NGINX" -e "$home/error" -p "$home" -c "$home/nginx.conf"
    await web listening "$port"
    cat >"$home/env" <<ENV
WEB_PORT=$port
WEB_TLS_PORT=$2
WEB_CERTIFICATE_PORT=$3
WEB_EXPIRED_PORT=$4
ENV
}

stop_web() { stop_process TERM web; }

# web_config PLAIN TLS CERTIFICATE EXPIRED
web_config() {
    local home=$DIR/web user=
    [ "$(id -u)" != 0 ] || user="user root;"
    cat <<CONF
daemon off;
$user
worker_processes 1;
pid $home/nginx.pid;
error_log $home/error;
events { worker_connections 256; }
http {
    access_log $home/access;
    default_type text/html;
    client_body_temp_path $home/tmp/1;
    proxy_temp_path $home/tmp/2;
    fastcgi_temp_path $home/tmp/3;
    uwsgi_temp_path $home/tmp/4;
    scgi_temp_path $home/tmp/5;
    root $home/html;
    server {
        listen 127.0.0.1:$1;
        include $home/locations;
    }
    server {
        listen 127.0.0.1:$2 ssl;
        ssl_certificate $DIR/pki/server.pem;
        ssl_certificate_key $DIR/pki/server.key;
        include $home/locations;
    }
    server {
        listen 127.0.0.1:$3 ssl;
        ssl_certificate $DIR/pki/server.pem;
        ssl_certificate_key $DIR/pki/server.key;
        ssl_client_certificate $DIR/pki/ca.pem;
        ssl_verify_client on;
        include $home/locations;
    }
    server {
        listen 127.0.0.1:$4 ssl;
        ssl_certificate $DIR/pki/expired.pem;
        ssl_certificate_key $DIR/pki/expired.key;
        include $home/locations;
    }
}
CONF
    cat >"$home/locations" <<'CONF'
location / { auth_basic "the tests"; auth_basic_user_file users; }
location /open { return 200 "hello\n"; }
location /unknowable { auth_basic "the tests"; auth_basic_user_file missing; }
location /empty { auth_basic "the tests"; auth_basic_user_file users; try_files /nothing =404; }
location /nothing { return 404; }
location /denied { deny all; }
location /guarded {
    auth_basic "the tests"; auth_basic_user_file users;
    # Once the login is proved.
    error_page 404 =403 /refused;
    try_files /nothing =404;
}
location = /refused { internal; return 403; }
location /elsewhere { return 302 https://login.example/sign-in; }
location /secure { return 301 https://$host$request_uri; }
location /within { return 302 /open; }
location /busy { return 503; }
location /slow { return 429; }
location /proxy { return 407; }
location /negotiate { add_header WWW-Authenticate Negotiate always; return 401; }
location /key {
    if ($http_x_api_key = "the-right-key") { return 200 "hello\n"; }
    if ($http_authorization = "Bearer the-right-token") { return 200 "hello\n"; }
    return 401;
}
location /bucket {
    if ($http_x_api_key = "the-right-key") { return 200 "hello\n"; }
    return 403;
}
CONF
}

//! Words that servers commonly use, and connprobe's own words. As whole words in a text, they reveal nothing about a
//! secret that contains them.

/// Common words, in lower case.
pub(super) const WORDS: &str = "
a an and are as at be because been but by can cannot could did do does for from had has have if in into is it its may
must no nor not of off on only or per please s so t such than that the their then there these this to too up use used
user users using was were when which while will with without you your yes
abort aborted accept accepted accepting accepts access accessdenied accesskey accesskeyid account accounts action
active admin administrator after again algorithm all allow allowed already anonymous another any api application are
arguments attempt attempting attempts auth authenticate authenticated authenticating authentication authenticationfailed
authorization authorized available aws backend bad badvalue basic because before being blocked body both bucket buckets
busy bytes caching calculated call called cancelled capabilities certificate certificates change changed channel check
class client clients close closed closing cluster code collection column command commands complete config configuration
configured connect connected connecting connection connections console container contact contain contains content could
create created credential credentials current currently daemon data database databases date default denied describe
detail details detected dial different directory disabled does doesn domain down driver during each ed25519 either empty
enable enabled encoding encrypt encrypted encryption end endpoint endpoints enough ensure entry error errors establish
established exceed exceeded exception exist existing exists expected expire expired expires explicit extension external
fail failed failing failover failure failures false fatal few file files first flush forbidden force format found
function gateway general given global good got grant granted group handshake has header help hint hooks host
hostname hosts however http https ident identified identity illegal inactive incorrect information initial insecure
inside instance insufficient insufficientprivilege integrity internal invalid invalidaccesskeyid invalidargument ipaddress
issue issued issuer kerberos key keys kill killed known language later length level limit limited limits list listen
listener listening load local localhost location lock locked login logins longer machine make malformed many master match
matches matching maximum mechanism mechanisms member memory message method methods minimum missing mode moment more
multiple mysql_native_password name named names native need needed network never new next nobody node nodes none null
number object offline one open opened operation option options order other output over own owner packet packets
parameter parameters parse part password passwords path peer pending permission permissions permitted pid plain plugin
policy pool pooler poolers port ports possible postgresql present primary principal privilege privileges
problem process product program prohibited property protocol provide provided provider proxy public query queries quota
ran random rate read reading ready reason received recovery refused region registered reject rejected release remaining
remote replica replication request requested requests require required requires reserved reset resource resources
response restart restarting restore retry return returned right role roles root router rule running runtime sasl schema
scram search second secondary seconds secret secrets section secure security send sent server servers service services
session sessions set setting settings sha256 shut shutdown shutting signature signaturedoesnotmatch sigv4 size slot slots
socket some source specified specify sql sqlserver ssl standby start started starting state statement status still stop
stopped stopping storage store stored string subject suitable superuser support supported switch sync syntax system table
take target temporarily temporary terminate terminated terminating text though time timed timeout times tls token tokens
total traffic transaction tried true trust trusted try trying type types unable unauthorized unavailable unexpected unique
unix unknown unrecognized unsupported until update upgrade user username users valid validate validation value values
verification verified verify version via view wait waiting want warning whether wrong write xml yet zone
mysql mariadb mongodb mongo mongos microsoft azure amazon percona cockroachdb cockroach yugabyte pgbouncer pgpool pgcat
proxysql haproxy minio ceph garage localstack debian ubuntu linux alpine windows redhat centos fedora enterprise
community developer edition standard express wire md5 sha1 sha 256 plus sql_login caching_sha2_password ferretdb babelfish
keydb valkey dragonflydb seaweedfs versity versitygw wasabis3 alibaba aliyunoss tencent huawei netapp storagegrid cleversafe scality scalitys3
cloudserver uploadserver openstack cloudflare backblaze digitalocean linode linodeobjects scaleway ovhcloud storj supabase
amazons3 singlestore memsql tidb vitess planetscale redshift greenplum cratedb materialize questdb timescaledb yugabytedb
enterprisedb opengauss polardb oceanbase starrocks clickhouse documentdb cosmosdb databend
";

/// Words in names and versions of products, which may mean anything elsewhere, in lower case.
pub(super) const PRODUCTS: &str = "
maria deb ubu pgdg el fc amzn rhel rtm cu gdr gpl ccl log focal jammy noble bullseye bookworm trixie x86 x64 amd64 arm64
aarch64 pc gcc gnu compiled bit release build corporation os on cloud object storage gateway console ceph filer aurora rds
neon oracle ibm dell ecs vipr wasabi tigris swift google spaces cos obs oss b2 r2 s3 atlas cosmos crate citus doris edb
";

/// Common phrases of more than one word that are as long as a secret.
pub(super) const PHRASES: &[&str] = &[
    "password authentication failed for user",
    "no password supplied",
    "access denied for user",
    "using password: YES",
    "using password: NO",
    "login failed for user",
    "no pg_hba.conf entry for host",
    "database system is starting up",
    "too many connections",
    "connection refused",
    "authentication failed",
    "invalid authorization specification",
    "the request signature we calculated does not match the signature you provided",
    "the AWS access key id you provided does not exist in our records",
    "SCRAM-SHA-256",
    "SCRAM-SHA-256-PLUS",
    "caching_sha2_password",
    "mysql_native_password",
    "client_ed25519",
    "SQL Server",
    "MongoDB (mongos)",
];

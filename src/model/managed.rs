//! Managed services: which one a host belongs to, and where its users find the server's log, since they have no access
//! to the machine. A service is recognised by the host's suffix alone; nothing is sent.

use super::class::Class;
use super::failure::Failure;
use super::reason::ReasonCode;

/// A managed service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Service {
    /// Aiven.
    Aiven,
    /// `MongoDB` Atlas.
    Atlas,
    /// S3 of AWS.
    AwsS3,
    /// Azure Cosmos DB for `MongoDB`.
    AzureCosmos,
    /// Azure Cache for Redis, and Azure Managed Redis.
    AzureRedis,
    /// Azure Database for `MySQL`.
    AzureMysql,
    /// Azure Database for `PostgreSQL`.
    AzurePostgres,
    /// Azure SQL Database.
    AzureSql,
    /// Google Cloud SQL.
    CloudSql,
    /// Databases of `DigitalOcean`.
    DigitalOcean,
    /// Amazon `DocumentDB`.
    DocumentDb,
    /// Amazon `ElastiCache`.
    ElastiCache,
    /// Neon.
    Neon,
    /// Amazon RDS and Aurora.
    Rds,
    /// Amazon RDS Proxy.
    RdsProxy,
    /// Redis Cloud.
    RedisCloud,
    /// Amazon Redshift.
    Redshift,
    /// Supabase.
    Supabase,
    /// Upstash.
    Upstash,
}

/// The suffixes of each service's host names. Of suffixes with the same end, the longest comes first.
const SUFFIXES: &[(&str, Service)] = &[
    (".aivencloud.com", Service::Aiven),
    (".mongodb.net", Service::Atlas),
    (".mongodbgov.net", Service::Atlas),
    (".mongo.cosmos.azure.com", Service::AzureCosmos),
    (".mongocluster.cosmos.azure.com", Service::AzureCosmos),
    (".postgres.cosmos.azure.com", Service::AzurePostgres),
    (".postgres.database.azure.com", Service::AzurePostgres),
    (".postgres.database.chinacloudapi.cn", Service::AzurePostgres),
    (".postgres.database.usgovcloudapi.net", Service::AzurePostgres),
    (".mysql.database.azure.com", Service::AzureMysql),
    (".mysql.database.chinacloudapi.cn", Service::AzureMysql),
    (".mysql.database.usgovcloudapi.net", Service::AzureMysql),
    (".database.windows.net", Service::AzureSql),
    (".database.chinacloudapi.cn", Service::AzureSql),
    (".database.usgovcloudapi.net", Service::AzureSql),
    (".redis.cache.windows.net", Service::AzureRedis),
    (".redis.cache.chinacloudapi.cn", Service::AzureRedis),
    (".redis.cache.usgovcloudapi.net", Service::AzureRedis),
    (".redis.azure.net", Service::AzureRedis),
    (".redisenterprise.cache.azure.net", Service::AzureRedis),
    (".sql.goog", Service::CloudSql),
    (".db.ondigitalocean.com", Service::DigitalOcean),
    (".docdb.amazonaws.com", Service::DocumentDb),
    (".docdb.amazonaws.com.cn", Service::DocumentDb),
    (".cache.amazonaws.com", Service::ElastiCache),
    (".cache.amazonaws.com.cn", Service::ElastiCache),
    (".neon.tech", Service::Neon),
    (".rds.amazonaws.com", Service::Rds),
    (".rds.amazonaws.com.cn", Service::Rds),
    (".redis-cloud.com", Service::RedisCloud),
    (".redislabs.com", Service::RedisCloud),
    (".redshift.amazonaws.com", Service::Redshift),
    (".redshift.amazonaws.com.cn", Service::Redshift),
    (".redshift-serverless.amazonaws.com", Service::Redshift),
    (".supabase.co", Service::Supabase),
    (".supabase.com", Service::Supabase),
    (".upstash.io", Service::Upstash),
];

/// The reasons whose usual hint refers to the server's log, whatever the driver.
const SEND_TO_LOG: &[ReasonCode] = &[
    ReasonCode::ServerError,
    ReasonCode::ServerShort,
    ReasonCode::ClosedDuringTls,
    ReasonCode::ClosedDuringLogin,
    ReasonCode::TlsHandshakeFailed,
];

impl Service {
    /// The service that `host` belongs to, if any.
    #[must_use]
    pub fn at(host: &str) -> Option<Self> {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let service = SUFFIXES.iter().find(|(suffix, _)| host.ends_with(suffix)).map(|(_, service)| *service);
        // `NAME.proxy-ID.REGION.rds.amazonaws.com`; `NAME.endpoint.proxy-ID.…` for an additional endpoint.
        let is_proxy = || host.split('.').skip(1).any(|label| label.starts_with("proxy-"));
        if service == Some(Self::Rds) && is_proxy() { Some(Self::RdsProxy) } else { service }
    }

    /// AWS's S3, if `host` is one of AWS's own names.
    #[must_use]
    pub fn aws_s3(host: &str) -> Option<Self> {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        (host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn")).then_some(Self::AwsS3)
    }

    /// Where users find the server's log.
    #[must_use]
    pub fn log(self) -> &'static str {
        match self {
            Self::Aiven => "Aiven shows the server's log in its console, on the page `Logs` of the service",
            Self::Atlas => "Atlas gives the server's log for download at the cluster, from M10 on",
            Self::AwsS3 => "AWS shows no log of the server: its Health Dashboard tells of faults",
            Self::AzureCosmos => "Azure has that in the diagnostic logs of the account, where they are turned on",
            Self::AzureMysql | Self::AzurePostgres => {
                "Azure shows the server's log in its portal, at `Server logs` or in the diagnostic settings of the server"
            }
            Self::AzureRedis => {
                "Azure shows no log of the server: who has connected is in the diagnostic settings of the cache, where they are turned on"
            }
            Self::AzureSql => {
                "Azure SQL shows no error log: refused logins are in its audit, where auditing is turned on"
            }
            Self::CloudSql => "Google Cloud shows the server's log in its Logs Explorer",
            Self::DigitalOcean => "DigitalOcean shows the server's log in its control panel, at `Logs & Queries`",
            Self::DocumentDb => "AWS has that in CloudWatch Logs, where the cluster exports its audit",
            Self::ElastiCache => "AWS has the server's log in CloudWatch Logs, where the cache delivers its engine log",
            Self::Neon => {
                "Neon shows no log of the server: its console has the project's operations, and an integration can export the log"
            }
            Self::Rds => "AWS shows the server's log in the RDS console, at `Logs & events` of the instance",
            Self::RdsProxy => {
                "AWS has the proxy's log in CloudWatch Logs, in the group `/aws/rds/proxy/NAME` of the proxy, and the database's in the RDS console"
            }
            Self::RedisCloud => {
                "Redis Cloud shows no log of the server: its console has the events of the account, at `Logs`"
            }
            Self::Redshift => "AWS keeps that in the view SYS_CONNECTION_LOG, which an administrator can query",
            Self::Supabase => "Supabase shows the server's log in its dashboard, at `Logs`",
            Self::Upstash => "Upstash shows no log of the server: its console has the usage of the database",
        }
    }
}

/// Whether the hint of a failure like `failure` refers to the server's log. `own` are additional reasons of its driver.
#[must_use]
pub fn sends_to_log(own: &[ReasonCode], failure: &Failure) -> bool {
    matches!(failure.class, Class::Server) || SEND_TO_LOG.iter().chain(own).any(|reason| *reason == failure.reason)
}

/// Adds to the hint of `failure` where `service` has the log, if the hint refers to it.
pub fn say_where_the_log_is(failure: &mut Failure, own: &[ReasonCode], service: Service) {
    if !sends_to_log(own, failure) {
        return;
    }
    failure.hint = Some(match failure.hint.take() {
        Some(usual) => format!("{usual}; {}", service.log()),
        None => service.log().to_owned(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A host, its service, the source for its names, and the source for its log.
    const HOSTS: [(&str, Service, &str, &str); 22] = [
        (
            "app.proxy-abc123.eu-west-1.rds.amazonaws.com",
            Service::RdsProxy,
            "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-connecting.html",
            "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.monitoring.html",
        ),
        (
            "reader.endpoint.proxy-abc123.cn-north-1.rds.amazonaws.com.cn",
            Service::RdsProxy,
            "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-endpoints.html",
            "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.monitoring.html",
        ),
        (
            "db1.abc.eu-west-1.rds.amazonaws.com",
            Service::Rds,
            "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_CommonTasks.Connect.html",
            "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Procedural.Viewing.html",
        ),
        (
            "c.cluster-abc.cn-north-1.rds.amazonaws.com.cn",
            Service::Rds,
            "https://docs.amazonaws.cn/en_us/AmazonRDS/latest/AuroraUserGuide/Aurora.Endpoints.html",
            "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_LogAccess.html",
        ),
        (
            "wg.1.eu-west-1.redshift-serverless.amazonaws.com",
            Service::Redshift,
            "https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-connecting.html",
            "https://docs.aws.amazon.com/redshift/latest/dg/SYS_CONNECTION_LOG.html",
        ),
        (
            "c.cluster-abc.eu-west-1.docdb.amazonaws.com",
            Service::DocumentDb,
            "https://docs.aws.amazon.com/documentdb/latest/developerguide/endpoints.html",
            "https://docs.aws.amazon.com/documentdb/latest/developerguide/event-auditing.html",
        ),
        (
            "DB1.Database.Windows.NET.",
            Service::AzureSql,
            "https://learn.microsoft.com/azure/azure-sql/database/connectivity-architecture",
            "https://learn.microsoft.com/azure/azure-sql/database/auditing-overview",
        ),
        (
            "db1.postgres.database.azure.com",
            Service::AzurePostgres,
            "https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-networking-public",
            "https://learn.microsoft.com/azure/postgresql/flexible-server/how-to-server-logs-portal",
        ),
        (
            "db1.mysql.database.azure.com",
            Service::AzureMysql,
            "https://learn.microsoft.com/azure/mysql/flexible-server/concepts-networking-public",
            "https://learn.microsoft.com/azure/mysql/flexible-server/how-to-server-logs-portal",
        ),
        (
            "acc.mongo.cosmos.azure.com",
            Service::AzureCosmos,
            "https://learn.microsoft.com/azure/cosmos-db/mongodb/connect-account",
            "https://learn.microsoft.com/azure/cosmos-db/monitor-resource-logs",
        ),
        (
            "1a2b.3c4d.europe-west1.sql.goog",
            Service::CloudSql,
            "https://cloud.google.com/sql/docs/postgres/connect-instance-dns",
            "https://cloud.google.com/sql/docs/postgres/logging",
        ),
        (
            "ep-cool-1.eu-central-1.aws.neon.tech",
            Service::Neon,
            "https://neon.com/docs/connect/connect-from-any-app",
            "https://neon.com/docs/reference/metrics-logs",
        ),
        (
            "aws-0-eu-west-1.pooler.supabase.com",
            Service::Supabase,
            "https://supabase.com/docs/guides/database/connecting-to-postgres",
            "https://supabase.com/docs/guides/telemetry/logs",
        ),
        (
            "db.abcdef.supabase.co",
            Service::Supabase,
            "https://supabase.com/docs/guides/database/connecting-to-postgres",
            "https://supabase.com/docs/guides/telemetry/logs",
        ),
        (
            "c0.ab1cd.mongodb.net",
            Service::Atlas,
            "https://www.mongodb.com/docs/atlas/driver-connection/",
            "https://www.mongodb.com/docs/atlas/mongodb-logs/",
        ),
        (
            "pg-1.p.aivencloud.com",
            Service::Aiven,
            "https://aiven.io/docs/products/postgresql/howto/connect-psql",
            "https://aiven.io/docs/platform/howto/access-service-logs",
        ),
        (
            "c1.redis.cache.windows.net",
            Service::AzureRedis,
            "https://learn.microsoft.com/azure/azure-cache-for-redis/cache-configure",
            "https://learn.microsoft.com/azure/azure-cache-for-redis/cache-monitor-diagnostic-settings",
        ),
        (
            "c1.westeurope.redis.azure.net",
            Service::AzureRedis,
            "https://learn.microsoft.com/azure/redis/architecture",
            "https://learn.microsoft.com/azure/redis/monitor-diagnostic-settings",
        ),
        (
            "master.c.ab1cd.euw1.cache.amazonaws.com",
            Service::ElastiCache,
            "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Endpoints.html",
            "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Log_Delivery.html",
        ),
        (
            "redis-1.c1.eu-west-1-1.ec2.redns.redis-cloud.com",
            Service::RedisCloud,
            "https://redis.io/docs/latest/operate/rc/databases/connect",
            "https://redis.io/docs/latest/operate/rc/logs-reports/system-logs",
        ),
        (
            "usw2-cool-1.upstash.io",
            Service::Upstash,
            "https://upstash.com/docs/redis/howto/connect-client",
            "https://upstash.com/docs/redis/howto/metrics-and-charts",
        ),
        (
            "db-do-user-1.b.db.ondigitalocean.com",
            Service::DigitalOcean,
            "https://docs.digitalocean.com/products/databases/postgresql/how-to/connect/",
            "https://docs.digitalocean.com/products/databases/postgresql/how-to/monitor-databases/",
        ),
    ];

    #[test]
    fn a_service_is_known_by_the_end_of_its_names() {
        for (host, service, _names, _log) in HOSTS {
            assert_eq!(Service::at(host), Some(service), "{host}");
        }
        for host in [
            "db1.example.com",
            "localhost",
            "10.0.0.7",
            "rds.amazonaws.com",
            "db1.rds.amazonaws.com.evil.example",
            "database.windows.net",
            "ec2-203-0-113-25.compute-1.amazonaws.com",
            "",
        ] {
            assert_eq!(Service::at(host), None, "{host}");
        }
    }

    #[test]
    fn every_suffix_leads_to_its_own_service() {
        for (suffix, service) in SUFFIXES {
            assert_eq!(Service::at(&format!("x{suffix}")), Some(*service), "{suffix}");
        }
    }
}

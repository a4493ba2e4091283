//! The product of an S3 server, by the headers of its answers and by the domains of managed services. Must not decide
//! anything: any server can claim to be any product.

/// The name of AWS's own services in the tables.
pub(super) const AWS: &str = "AWS";

/// A header, the beginning of its value (in lower case), and the product that sends it. Earlier rows are more specific.
const HEADERS: &[(&str, &str, &str)] = &[
    ("server", "minio console", "MinIO Console"),
    ("server", "minio", "MinIO"),
    ("server", "seaweedfs", "SeaweedFS"),
    ("server", "ceph object gateway", "Ceph Object Gateway"),
    ("server", "versitygw", "Versity S3 Gateway"),
    ("server", "wasabis3", "Wasabi"),
    ("server", "aliyunoss", "Alibaba Cloud OSS"),
    ("server", "tencent-cos", "Tencent COS"),
    ("server", "obs", "Huawei OBS"),
    ("server", "storagegrid", "NetApp StorageGRID"),
    ("server", "vipr", "Dell ECS"),
    ("server", "cleversafe", "IBM Cloud Object Storage"),
    ("server", "tigris os", "Tigris"),
    ("server", "scalitys3", "Scality CloudServer"),
    ("server", "uploadserver", "Google Cloud Storage"),
    ("x-guploader-uploadid", "", "Google Cloud Storage"),
    ("x-oss-request-id", "", "Alibaba Cloud OSS"),
    ("x-cos-request-id", "", "Tencent COS"),
    ("x-obs-request-id", "", "Huawei OBS"),
    ("x-clv-request-id", "", "IBM Cloud Object Storage"),
    ("opc-request-id", "", "Oracle Cloud Object Storage"),
    ("x-emc-request-id", "", "Dell ECS"),
    ("x-trans-id", "tx", "OpenStack Swift"),
    ("x-openstack-request-id", "tx", "OpenStack Swift"),
];

/// The domains of services whose answers do not identify them.
const DOMAINS: &[(&str, &str)] = &[
    (".r2.cloudflarestorage.com", "Cloudflare R2"),
    (".backblazeb2.com", "Backblaze B2"),
    (".digitaloceanspaces.com", "DigitalOcean Spaces"),
    (".linodeobjects.com", "Linode Object Storage"),
    (".scw.cloud", "Scaleway Object Storage"),
    (".cloud.ovh.net", "OVHcloud Object Storage"),
    (".storjshare.io", "Storj"),
    (".supabase.co", "Supabase Storage"),
    (".tigris.dev", "Tigris"),
    (".wasabisys.com", "Wasabi"),
    (".googleapis.com", "Google Cloud Storage"),
    (".oraclecloud.com", "Oracle Cloud Object Storage"),
    (".aliyuncs.com", "Alibaba Cloud OSS"),
    (".myqcloud.com", "Tencent COS"),
    (".myhuaweicloud.com", "Huawei OBS"),
    (".cloud-object-storage.appdomain.cloud", "IBM Cloud Object Storage"),
];

/// The product that sends these headers.
pub(super) fn of_headers<'a>(header: impl Fn(&str) -> Option<&'a str>) -> Option<&'static str> {
    let named = HEADERS.iter().find(|(name, begins, _)| {
        header(name)
            .is_some_and(|value| value.get(..begins.len()).is_some_and(|start| start.eq_ignore_ascii_case(begins)))
    });
    if let Some((_, _, product)) = named {
        return Some(product);
    }
    header("x-amz-request-id").filter(|id| is_ceph_id(id)).map(|_| "Ceph Object Gateway")
}

/// The service that `host` belongs to.
pub(super) fn of_host(host: &str) -> Option<&'static str> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    DOMAINS.iter().find(|(domain, _)| host.ends_with(domain)).map(|(_, product)| *product)
}

/// Whether `id` has the form of Ceph's request ids: `tx`, a number, a time, an id and a zone.
fn is_ceph_id(id: &str) -> bool {
    let Some(rest) = id.strip_prefix("tx") else { return false };
    let mut parts = rest.splitn(4, '-');
    let hexadecimal = |part: Option<&str>| {
        part.is_some_and(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    hexadecimal(parts.next())
        && hexadecimal(parts.next())
        && hexadecimal(parts.next())
        && parts.next().is_some_and(|zone| !zone.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_known_by_its_headers() {
        for (name, value, product) in [
            ("server", "MinIO", Some("MinIO")),
            ("server", "MinIO Console", Some("MinIO Console")),
            ("server", "SeaweedFS S3 3.80", Some("SeaweedFS")),
            ("server", "Ceph Object Gateway (squid)", Some("Ceph Object Gateway")),
            ("server", "VERSITYGW", Some("Versity S3 Gateway")),
            ("server", "WasabiS3/7.19", Some("Wasabi")),
            ("x-amz-request-id", "tx00000a3c5d9b2e1f00001-0065f1c2aa-5e3b-default", Some("Ceph Object Gateway")),
            ("x-amz-request-id", "tx0f7b1c2d3e4f5a6b7c8d9-0065f1c2aa", None),
            ("x-trans-id", "tx0f7b1c2d3e4f5a6b7c8d9-0065f1c2aa", Some("OpenStack Swift")),
            ("x-guploader-uploadid", "ABPtcPq", Some("Google Cloud Storage")),
            ("server", "AmazonS3", None),
            ("server", "é", None),
            ("server", "nginx", None),
        ] {
            assert_eq!(of_headers(|asked| (asked == name).then_some(value)), product, "{name}: {value}");
        }
    }

    #[test]
    fn a_managed_service_is_known_by_its_domain() {
        for (host, product) in [
            ("abc123.r2.cloudflarestorage.com", Some("Cloudflare R2")),
            ("s3.us-west-002.Backblazeb2.com.", Some("Backblaze B2")),
            ("lake.fra1.digitaloceanspaces.com", Some("DigitalOcean Spaces")),
            ("r2.cloudflarestorage.com.evil.example", None),
            ("evilr2.cloudflarestorage.com", None),
            ("minio.example", None),
        ] {
            assert_eq!(of_host(host), product, "{host}");
        }
    }
}

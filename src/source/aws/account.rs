//! The AWS account, region and address to use, from AWS's own environment variables.

use aws_credential_types::Credentials;

use crate::driver::aws;
use crate::driver::kit::http::Origin;
use crate::model::reason::unusable::Backend as BackendFault;
use crate::model::secret::Secret;
use crate::source::backend::{self, Variables};
use crate::source::error::SourceError;
use crate::source::settings::Environment;

/// An AWS service that stores secrets.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Service {
    /// The product name, for messages.
    pub(super) product: &'static str,
    /// The name in host names and signatures.
    pub(super) name: &'static str,
    /// The part of an operation's name before the dot.
    pub(super) target: &'static str,
    /// The variable that sets an endpoint for this service only.
    pub(super) endpoint: &'static str,
}

/// AWS Secrets Manager.
pub(super) const SECRETS_MANAGER: Service = Service {
    product: "Secrets Manager",
    name: "secretsmanager",
    target: "secretsmanager",
    endpoint: "AWS_ENDPOINT_URL_SECRETS_MANAGER",
};

/// The Parameter Store of AWS Systems Manager.
pub(super) const PARAMETER_STORE: Service =
    Service { product: "Parameter Store", name: "ssm", target: "AmazonSSM", endpoint: "AWS_ENDPOINT_URL_SSM" };

/// The address of a service, and the keys for it.
pub(super) struct Account {
    key_id: String,
    secret: Secret,
    token: Option<Secret>,
    pub(super) region: String,
    pub(super) origin: Origin,
    /// The prefix of request paths: empty, or `/prefix`.
    pub(super) path: String,
    pub(super) authorities: Option<Vec<u8>>,
}

impl Account {
    /// Reads `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION` (or `AWS_DEFAULT_REGION`),
    /// the endpoint of `service` (or `AWS_ENDPOINT_URL`) and `AWS_CA_BUNDLE`. `name` is the name of the source, for
    /// errors.
    pub(super) fn read(service: &Service, environment: &Environment, name: &str) -> Result<Self, SourceError> {
        let mut variables = Variables::new(environment);
        let key_id = variables.needed(&["AWS_ACCESS_KEY_ID"]);
        let secret = variables.needed(&["AWS_SECRET_ACCESS_KEY"]);
        let region = variables.needed(&["AWS_REGION", "AWS_DEFAULT_REGION"]);
        let (Some((_, key_id)), Some((_, secret)), Some((region_variable, region))) = (key_id, secret, region) else {
            return Err(variables.incomplete(name));
        };
        let endpoint = variables.any(&[service.endpoint, "AWS_ENDPOINT_URL"]);
        let endpoint = endpoint.map(|variable| backend::url(variable, name)).transpose()?;
        let (origin, path) = match endpoint {
            Some(url) => (url.origin().clone(), url.path().to_owned()),
            None => aws::domain(region)
                .map(|domain| Origin { tls: true, host: format!("{}.{domain}", service.name), port: 443 })
                .map(|origin| (origin, String::new()))
                .ok_or_else(|| SourceError::unusable(name, BackendFault::BadRegion { variable: region_variable }))?,
        };
        let owned = |text: &str| Secret::new(text.to_owned());
        Ok(Self {
            key_id: key_id.to_owned(),
            secret: owned(secret),
            token: variables.get("AWS_SESSION_TOKEN").map(owned),
            region: region.to_owned(),
            origin,
            path,
            authorities: backend::roots(variables.any(&["AWS_CA_BUNDLE"]), name)?,
        })
    }

    /// The key that signs requests, and the token that is sent with them.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.secret).chain(&self.token).map(Secret::expose)
    }

    /// The keys in the type that the signer takes.
    pub(super) fn credentials(&self) -> Credentials {
        let token = self.token.as_ref().map(|token| token.expose().to_owned());
        Credentials::new(&self.key_id, self.secret.expose(), token, None, "connprobe")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::reason::unusable::BadServiceUrl;
    use crate::model::reason::{Source, Unusable};

    fn read(variables: &[(&str, &str)]) -> Result<Account, SourceError> {
        let variables = variables.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        Account::read(&SECRETS_MANAGER, &Environment::of(variables), "aws-sm:")
    }

    const KEYS: [(&str, &str); 2] =
        [("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "CANARY")];

    fn why(variables: &[(&str, &str)]) -> BackendFault {
        match read(variables).err().unwrap() {
            SourceError::Own(Source::Unusable { why, .. }) => match *why {
                Unusable::Backend(why) => why,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn everything_that_is_missing_is_said_at_once() {
        let region = || vec!["AWS_REGION", "AWS_DEFAULT_REGION"];
        let variables = vec![vec!["AWS_ACCESS_KEY_ID"], vec!["AWS_SECRET_ACCESS_KEY"], region()];
        assert_eq!(why(&[("AWS_PROFILE", "default")]), BackendFault::Unset { variables });
        assert_eq!(why(&KEYS), BackendFault::Unset { variables: vec![region()] });
    }

    #[test]
    fn the_service_is_where_the_region_or_an_endpoint_says() {
        for (more, expected) in [
            (&[("AWS_REGION", "eu-west-1")][..], "secretsmanager.eu-west-1.amazonaws.com"),
            (&[("AWS_DEFAULT_REGION", "cn-north-1")], "secretsmanager.cn-north-1.amazonaws.com.cn"),
            (&[("AWS_REGION", "x"), ("AWS_ENDPOINT_URL", "http://moto:5000")], "moto"),
            (
                &[
                    ("AWS_REGION", "x"),
                    ("AWS_ENDPOINT_URL", "http://moto:5000"),
                    ("AWS_ENDPOINT_URL_SECRETS_MANAGER", "https://own"),
                    ("AWS_ENDPOINT_URL_SSM", "https://other"),
                ],
                "own",
            ),
        ] {
            let account = read(&[&KEYS, more].concat()).ok().unwrap();
            assert_eq!(account.origin.host, expected);
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused_without_being_repeated() {
        let url = BackendFault::BadUrl { variable: "AWS_ENDPOINT_URL".to_owned(), why: BadServiceUrl::HoldsLogin };
        for (variable, value, expected) in [
            ("AWS_REGION", "CANARY.evil.example", BackendFault::BadRegion { variable: "AWS_REGION" }),
            ("AWS_ENDPOINT_URL", "https://u:CANARY@host", url),
            ("AWS_CA_BUNDLE", "/nowhere/CANARY.pem", BackendFault::BadFile { variable: "AWS_CA_BUNDLE".to_owned() }),
        ] {
            let variables = [&KEYS[..], &[("AWS_DEFAULT_REGION", "eu-west-1"), (variable, value)]].concat();
            assert_eq!(why(&variables), expected);
            let error = read(&variables).err().unwrap();
            assert!(!format!("{error} {error:?}").contains("CANARY"), "{error}");
        }
    }
}

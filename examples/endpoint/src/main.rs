//! Starts the reference endpoint: `cargo run -p tollgate-endpoint -- --files www/demo --files www/dist`.

use anyhow::{Context as _, Result};
use clap::Parser;
use std::path::PathBuf;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tollgate_endpoint::{Config, Plan, serve};

/// Says who may read: accounts, plans, a meter on the server, signed tokens. Everything can also be set by the environment.
#[derive(Parser)]
#[command(version)]
struct Asked {
    /// Where to listen.
    #[arg(long, env = "TOLLGATE_LISTEN", default_value = "127.0.0.1:8787")]
    listen: String,
    /// The site as readers see it, such as https://news.example; without it, http:// and where this listens.
    #[arg(long, env = "TOLLGATE_ORIGIN")]
    origin: Option<String>,
    /// Another origin of the publisher's, which may ask (several times).
    #[arg(long = "also-origin", env = "TOLLGATE_ALSO_ORIGINS", value_delimiter = ',')]
    origins: Vec<String>,
    /// The tag's data-site.
    #[arg(long, env = "TOLLGATE_SITE", default_value = "meridian")]
    site: String,
    /// The tag's data-token-issuer; without it, the origin.
    #[arg(long, env = "TOLLGATE_ISSUER")]
    issuer: Option<String>,
    /// The database: sqlite://file or postgres://user:password@host/name.
    #[arg(long, env = "DATABASE_URL", default_value = "sqlite://endpoint.db")]
    database: String,
    /// A folder whose files are served (several times).
    #[arg(long = "files", env = "TOLLGATE_FILES", value_delimiter = ',')]
    files: Vec<PathBuf>,
    /// How many articles a month readers with an account may read.
    #[arg(long, env = "TOLLGATE_LIMIT", default_value_t = 3)]
    limit: i64,
    /// How many articles a month a subscriber may give away.
    #[arg(long, env = "TOLLGATE_GIFTS", default_value_t = 10)]
    gifts: i64,
    /// A plan: id=Name, or id=Name=https://where.it.is/paid (several times).
    #[arg(long = "plan", env = "TOLLGATE_PLANS", value_delimiter = '|')]
    plans: Vec<Plan>,
}

#[tokio::main]
async fn main() -> Result<()> {
    tracing_subscriber::fmt().with_target(false).with_writer(std::io::stderr).init();
    let asked = Asked::parse();
    let listener = TcpListener::bind(&asked.listen)
        .await
        .with_context(|| format!("cannot listen on {}", asked.listen))?;
    let address = listener.local_addr()?;
    let origin = asked.origin.unwrap_or_else(|| format!("http://{address}")).trim_end_matches('/').to_owned();
    let mut config = Config::demo(&origin, &asked.database);
    config.issuer = asked.issuer.unwrap_or(origin);
    config.origins = asked.origins;
    config.site = asked.site;
    config.files = asked.files;
    config.limit = asked.limit;
    config.gifts = asked.gifts;
    if !asked.plans.is_empty() {
        config.plans = asked.plans;
    }
    // Secrets come by the environment alone: a command line is seen by others.
    config.key = std::env::var("TOLLGATE_SIGNING_KEY").unwrap_or_default();
    config.stripe = std::env::var("TOLLGATE_STRIPE_SECRET").unwrap_or_default();
    println!("Listening on http://{address}");
    let (mut interrupted, mut ended) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let shutdown = async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = ended.recv() => {}
        }
    };
    serve(config, listener, shutdown).await
}

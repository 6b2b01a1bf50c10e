//! Starts the reference endpoint: `cargo run -p tollgate-endpoint -- --files www/demo --files www/dist`.

use anyhow::{Context as _, Result};
use clap::Parser;
use std::path::PathBuf;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tollgate_endpoint::origin::Origin;
use tollgate_endpoint::{Config, Plan, serve};

/// Says who may read: accounts, plans, a meter on the server, signed tokens. Everything can also be set by the environment.
#[derive(Parser)]
#[command(version)]
struct Asked {
    /// Where to listen.
    #[arg(long, env = "TOLLGATE_LISTEN", default_value = "127.0.0.1:8787")]
    listen: String,
    /// The site as readers see it, such as https://news.example, and, given again, the publisher's other origins, which may ask; without it,
    /// http:// and where this listens.
    #[arg(long = "origin", env = "TOLLGATE_ORIGIN", value_delimiter = ',')]
    origins: Vec<Origin>,
    /// Another origin of the publisher's, which may ask (several times).
    #[arg(long = "also-origin", env = "TOLLGATE_ALSO_ORIGINS", value_delimiter = ',')]
    also: Vec<Origin>,
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
    /// Gives plans that have no address where they are paid to whoever asks. Without it, only where the site is on this machine.
    #[arg(long, env = "TOLLGATE_DEMONSTRATION")]
    demonstration: bool,
    /// How many proxies of yours stand in front, each of which adds a client's address to X-Forwarded-For.
    #[arg(long, env = "TOLLGATE_PROXIES", default_value_t = 0)]
    proxies: usize,
}

#[tokio::main]
async fn main() -> Result<()> {
    tracing_subscriber::fmt().with_target(false).with_writer(std::io::stderr).init();
    let asked = Asked::parse();
    let listener = TcpListener::bind(&asked.listen)
        .await
        .with_context(|| format!("cannot listen on {}", asked.listen))?;
    let address = listener.local_addr()?;
    let (mut origins, mut also) = (asked.origins, asked.also);
    if origins.is_empty() {
        origins.push(format!("http://{address}").parse().map_err(anyhow::Error::msg)?);
        // By whichever name of this machine the reader comes.
        also.push(format!("http://localhost:{}", address.port()).parse().map_err(anyhow::Error::msg)?);
    }
    let home = origins.first().cloned().context("no origin")?;
    let mut config = Config::demo(home, &asked.database);
    if let Some(issuer) = asked.issuer {
        config.issuer = issuer;
    }
    config.origins = [origins, also].concat();
    config.is_demonstration |= asked.demonstration;
    config.proxies = asked.proxies;
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

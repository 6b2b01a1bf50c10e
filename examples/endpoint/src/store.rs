//! What is remembered: accounts, sessions, subscriptions, reads. SQLite in one file, or PostgreSQL, by the same statements.

mod payments;

pub use payments::Paid;

use anyhow::{Context as _, Result};
use sqlx::any::{AnyPoolOptions, AnyRow, install_default_drivers};
use sqlx::{AnyPool, Row as _};

/// One statement each, run at every start: whatever is there already stays.
const SCHEMA: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS accounts (id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE, password TEXT NOT NULL, \
     turn BIGINT NOT NULL DEFAULT 0)",
    // The account is empty as long as nobody has said whose it is: a payment service's events come in any order.
    "CREATE TABLE IF NOT EXISTS subscriptions (reference TEXT PRIMARY KEY, account TEXT NOT NULL, customer TEXT NOT NULL, \
     plan TEXT NOT NULL, ends BIGINT NOT NULL, has_ended BIGINT NOT NULL, told BIGINT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS subscriptions_account ON subscriptions (account, ends)",
    "CREATE INDEX IF NOT EXISTS subscriptions_customer ON subscriptions (customer)",
    "CREATE TABLE IF NOT EXISTS customers (customer TEXT PRIMARY KEY, account TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS sessions (hash TEXT PRIMARY KEY, account TEXT NOT NULL, ends BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS reads (account TEXT NOT NULL, period TEXT NOT NULL, article TEXT NOT NULL, \
     PRIMARY KEY (account, period, article))",
    "CREATE TABLE IF NOT EXISTS attempts (who TEXT NOT NULL, at BIGINT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS attempts_who ON attempts (who, at)",
    "CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY, at BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS gifts (account TEXT NOT NULL, period TEXT NOT NULL, article TEXT NOT NULL, \
     PRIMARY KEY (account, period, article))",
    "CREATE TABLE IF NOT EXISTS signing (name TEXT PRIMARY KEY, jwk TEXT NOT NULL)",
];

/// The database. Nothing else is remembered, so that any number of instances can share one.
#[derive(Clone, Debug)]
pub struct Store {
    pool: AnyPool,
}

/// A reader who has an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id: means nothing to others.
    pub id: String,
    /// The address by which its reader logs in.
    pub email: String,
    /// The hash of its password (PHC string format).
    pub password: String,
    /// What was subscribed; empty for nothing, or where the payment service does not say what.
    pub plan: String,
    /// Until when, in seconds since 1970.
    pub ends: i64,
}

impl Account {
    /// Whether it is a subscriber's at this time, in seconds since 1970.
    #[must_use]
    pub fn subscribes(&self, now: i64) -> bool {
        self.ends > now
    }

    fn of(row: &AnyRow) -> Result<Account> {
        Ok(Account {
            id: row.try_get(0)?,
            email: row.try_get(1)?,
            password: row.try_get(2)?,
            plan: row.try_get(3)?,
            ends: row.try_get(4)?,
        })
    }
}

/// How an account's meter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meter {
    /// How many articles were read in the period.
    pub reads: i64,
    /// Whether the article that was asked for is one of them.
    pub has_article: bool,
}

/// An account, with the subscription of its own that lasts longest.
const FIELDS: &str = "id, email, password, \
    COALESCE((SELECT plan FROM subscriptions WHERE account = accounts.id ORDER BY ends DESC, reference LIMIT 1), ''), \
    COALESCE((SELECT MAX(ends) FROM subscriptions WHERE account = accounts.id), 0)";

impl Store {
    /// Opens a database by its address: `sqlite://file` or `postgres://…`, and makes the tables that it lacks.
    ///
    /// # Errors
    /// If it can't be reached or written.
    pub async fn open(address: &str) -> Result<Store> {
        install_default_drivers();
        let is_file = address.starts_with("sqlite:");
        // A file that is not there is made.
        let address = if is_file && !address.contains('?') {
            format!("{address}?mode=rwc")
        } else {
            address.to_owned()
        };
        let pool = AnyPoolOptions::new()
            .max_connections(if is_file { 4 } else { 10 })
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if is_file {
                        // Readers and one writer work at once, and a second writer waits. FULL: what was paid is there after a power failure, too.
                        for pragma in [
                            "PRAGMA busy_timeout = 5000",
                            "PRAGMA journal_mode = WAL",
                            "PRAGMA synchronous = FULL",
                        ] {
                            sqlx::query(pragma).execute(&mut *connection).await?;
                        }
                    }
                    Ok(())
                })
            })
            .connect(&address)
            .await
            .context("cannot open the database")?;
        let store = Store { pool };
        for statement in SCHEMA {
            if let Err(error) = sqlx::query(statement).execute(&store.pool).await {
                // Two instances that start at once may make the same table: PostgreSQL tells the second one so.
                sqlx::query(statement).execute(&store.pool).await.with_context(|| format!("{error}"))?;
            }
        }
        Ok(store)
    }

    /// Makes an account. False if the address has one already.
    ///
    /// # Errors
    /// If the database can't be used, as with all of these.
    pub async fn add_account(&self, id: &str, email: &str, password: &str) -> Result<bool> {
        let added = sqlx::query(
            "INSERT INTO accounts (id, email, password) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        )
        .bind(id)
        .bind(email)
        .bind(password)
        .execute(&self.pool)
        .await?;
        Ok(added.rows_affected() == 1)
    }

    /// The account of an address.
    ///
    /// # Errors
    /// See [`Store::add_account`].
    pub async fn by_email(&self, email: &str) -> Result<Option<Account>> {
        let query = format!("SELECT {FIELDS} FROM accounts WHERE email = $1");
        let row = sqlx::query(&query).bind(email).fetch_optional(&self.pool).await?;
        row.as_ref().map(Account::of).transpose()
    }

    /// The account of a session, by the hash of its secret.
    ///
    /// # Errors
    /// See [`Store::add_account`].
    pub async fn by_session(&self, hash: &str, now: i64) -> Result<Option<Account>> {
        let query = format!(
            "SELECT {FIELDS} FROM accounts WHERE id = (SELECT account FROM sessions WHERE hash = $1 AND ends > $2)"
        );
        let row = sqlx::query(&query).bind(hash).bind(now).fetch_optional(&self.pool).await?;
        row.as_ref().map(Account::of).transpose()
    }

    /// Begins a session; those that are over go.
    ///
    /// # Errors
    /// See [`Store::add_account`].
    pub async fn add_session(&self, hash: &str, account: &str, ends: i64, now: i64) -> Result<()> {
        sqlx::query("DELETE FROM sessions WHERE ends <= $1").bind(now).execute(&self.pool).await?;
        sqlx::query("INSERT INTO sessions (hash, account, ends) VALUES ($1, $2, $3)")
            .bind(hash)
            .bind(account)
            .bind(ends)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Ends a session.
    ///
    /// # Errors
    /// See [`Store::add_account`].
    pub async fn end_session(&self, hash: &str) -> Result<()> {
        sqlx::query("DELETE FROM sessions WHERE hash = $1").bind(hash).execute(&self.pool).await?;
        Ok(())
    }

    /// Counts an article on an account's meter, if it is one of those that were read or there is one left; how the meter stands
    /// then. Readers who open many articles at once get no more than the limit.
    ///
    /// # Errors
    /// See [`Store::add_account`].
    pub async fn count(&self, account: &str, period: &str, article: &str, limit: i64) -> Result<Meter> {
        self.place("reads", account, period, article, limit).await
    }

    /// Notes that an account gives an article away. False if it has given as many as it may in this period.
    ///
    /// # Errors
    /// See [`Store::add_account`].
    pub async fn give(&self, account: &str, period: &str, article: &str, most: i64) -> Result<bool> {
        Ok(self.place("gifts", account, period, article, most).await?.has_article)
    }

    /// Gives an article one of an account's places of a period, in a table of them, if it has none and one is left.
    async fn place(
        &self,
        table: &'static str,
        account: &str,
        period: &str,
        article: &str,
        most: i64,
    ) -> Result<Meter> {
        let mut turn = self.pool.begin().await?;
        // One at a time for each account: by its row in PostgreSQL, by the file's one writer in SQLite.
        sqlx::query("UPDATE accounts SET turn = turn + 1 WHERE id = $1")
            .bind(account)
            .execute(&mut *turn)
            .await?;
        let place = format!(
            "INSERT INTO {table} (account, period, article) SELECT $1, $2, $3 \
             WHERE (SELECT COUNT(*) FROM {table} WHERE account = $1 AND period = $2) < $4 ON CONFLICT DO NOTHING"
        );
        // A table's name is none of a reader's words.
        sqlx::query(&place).bind(account).bind(period).bind(article).bind(most).execute(&mut *turn).await?;
        let count = format!(
            "SELECT COUNT(*), COALESCE(SUM(CASE WHEN article = $3 THEN 1 ELSE 0 END), 0) FROM {table} \
             WHERE account = $1 AND period = $2"
        );
        let row = sqlx::query(&count).bind(account).bind(period).bind(article).fetch_one(&mut *turn).await?;
        turn.commit().await?;
        Ok(Meter { reads: row.try_get(0)?, has_article: row.try_get::<i64, _>(1)? > 0 })
    }

    /// Notes an attempt by each of these, if each has made fewer than so many since a time; false if one has made as many. It is noted
    /// before it is decided, so that a thousand at once are a thousand.
    ///
    /// # Errors
    /// See [`Store::add_account`].
    pub async fn attempt(&self, whose: [(&str, i64); 2], now: i64, since: i64) -> Result<bool> {
        sqlx::query("DELETE FROM attempts WHERE at <= $1").bind(since).execute(&self.pool).await?;
        if self.made(whose, since, 0).await? {
            return Ok(false);
        }
        let mut whole = self.pool.begin().await?;
        for (who, _) in whose {
            sqlx::query("INSERT INTO attempts (who, at) VALUES ($1, $2)")
                .bind(who)
                .bind(now)
                .execute(&mut *whole)
                .await?;
        }
        whole.commit().await?;
        Ok(!self.made(whose, since, 1).await?)
    }

    /// Whether one of these has made as many attempts as it may, and so many more.
    async fn made(&self, whose: [(&str, i64); 2], since: i64, more: i64) -> Result<bool> {
        for (who, most) in whose {
            let row = sqlx::query("SELECT COUNT(*) FROM attempts WHERE who = $1 AND at > $2")
                .bind(who)
                .bind(since)
                .fetch_one(&self.pool)
                .await?;
            if row.try_get::<i64, _>(0)? >= most + more {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The signing key that all instances share: the one that is there, else this one from now on.
    ///
    /// # Errors
    /// See [`Store::add_account`].
    pub async fn signing_key(&self, made: &str) -> Result<String> {
        sqlx::query("INSERT INTO signing (name, jwk) VALUES ('current', $1) ON CONFLICT DO NOTHING")
            .bind(made)
            .execute(&self.pool)
            .await?;
        let row = sqlx::query("SELECT jwk FROM signing WHERE name = 'current'").fetch_one(&self.pool).await?;
        Ok(row.try_get(0)?)
    }

    /// Whether the database answers.
    pub async fn is_there(&self) -> bool {
        sqlx::query("SELECT 1").execute(&self.pool).await.is_ok()
    }

    /// Ends all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

//! The Cloudflare Worker of tablecast.

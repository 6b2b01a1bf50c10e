// What an Astro site's adapter adds to the router's requests: nothing, as where there is no adapter.

export const internalFetchHeaders = {};

// Tokens that jose makes: those that a publisher's server in Node would, and what can go wrong with them. Prints JSON: the public keys, and each
// token with its name and whether it opens. Arguments: the issuer, the site, the pages' time in seconds.

import { CompactSign, EncryptJWT, SignJWT, UnsecuredJWT, exportJWK, generateKeyPair } from 'jose';

const [issuer, site, time] = process.argv.slice(2);
const now = Number(time);
const TYPE = 'tollgate-ent+jwt';

const pairs = {};
const keys = [];
for (const [kid, alg, options] of [
  ['es', 'ES256', {}],
  ['ed', 'EdDSA', { crv: 'Ed25519' }],
]) {
  pairs[kid] = { alg, ...(await generateKeyPair(alg, { ...options, extractable: true })) };
  keys.push({ ...(await exportJWK(pairs[kid].publicKey)), kid, alg, use: 'sig' });
}

const claims = { iss: issuer, aud: site, sub: 'r-1729', iat: now, exp: now + 3600 };
const sign = (kid, changes, header) => {
  const { alg, privateKey } = pairs[kid];
  return new SignJWT({ ...claims, ...changes }).setProtectedHeader({ alg, kid, typ: TYPE, ...header }).sign(privateKey);
};
const es256 = await sign('es');
const [header, body, signature] = es256.split('.');
const secret = new TextEncoder().encode(JSON.stringify(keys[0]));
const p384 = await generateKeyPair('ES384');
const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

const tokens = [
  ['ES256', es256, true],
  ['EdDSA', await sign('ed'), true],
  ['a tier', await sign('es', { tier: 'subscriber', jti: 'x' }), true],
  ['as a compact JWS', await new CompactSign(new TextEncoder().encode(JSON.stringify(claims))).setProtectedHeader({ alg: 'EdDSA', kid: 'ed', typ: TYPE }).sign(pairs.ed.privateKey), true],
  ['the usual typ', await sign('es', {}, { typ: 'JWT' }), false],
  ['no typ', await sign('es', {}, { typ: undefined }), false],
  ['another kid', await sign('es', {}, { kid: 'ed' }), false],
  ['an unknown kid', await sign('es', {}, { kid: 'xx' }), false],
  ['unsecured', new UnsecuredJWT(claims).encode(), false],
  ['HS256 by the public key', await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'es', typ: TYPE }).sign(secret), false],
  ['ES384', await new SignJWT(claims).setProtectedHeader({ alg: 'ES384', kid: 'es', typ: TYPE }).sign(p384.privateKey), false],
  ['encrypted', await new EncryptJWT(claims).setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: 'es', typ: TYPE }).encrypt(new Uint8Array(32)), false],
  ['aud as a list', await sign('es', { aud: [site] }), false],
  ['another aud', await sign('es', { aud: site + 's' }), false],
  ['another iss', await sign('es', { iss: issuer + '/' }), false],
  ['expired', await sign('es', { iat: now - 7200, exp: now - 3600 }), false],
  ['not yet', await sign('es', { nbf: now + 3600 }), false],
  ['too long', await sign('es', { exp: now + 90000 }), false],
  ['no exp', await sign('es', { exp: undefined }), false],
  ['exp with a fraction', await sign('es', { exp: now + 60.5 }), false],
  ['an e-mail address', await sign('es', { email: 'reader@example.org' }), false],
  ['b64', await new CompactSign(new TextEncoder().encode(JSON.stringify(claims))).setProtectedHeader({ alg: 'ES256', kid: 'es', typ: TYPE, b64: true, crit: ['b64'] }).sign(pairs.es.privateKey), false],
  ['other claims', `${header}.${encoded({ ...claims, sub: 'r-1730' })}.${signature}`, false],
  ['padding', `${es256}=`, false],
  ['half a signature', es256.slice(0, -40), false],
];
console.log(JSON.stringify({ keys, tokens: tokens.map(([name, token, opens]) => ({ name, token, opens })) }));

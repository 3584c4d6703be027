// The other side of test_age_peer.py: npm's age-encryption, at the path given as the only argument.
// One JSON request on stdin, one JSON answer on stdout; binary fields are base64.
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const age = await import(pathToFileURL(join(process.argv[2], "dist/index.js")).href);
const { identity, recipient, plaintexts, sealed } = JSON.parse(await text(process.stdin));
const base64 = (bytes) => Buffer.from(bytes).toString("base64");

async function encrypt(to, plaintext) {
  const encrypter = new age.Encrypter();
  encrypter.addRecipient(to);
  return base64(await encrypter.encrypt(Buffer.from(plaintext, "base64")));
}

async function decrypt(file) {
  const decrypter = new age.Decrypter();
  decrypter.addIdentity(identity);
  return base64(await decrypter.decrypt(Buffer.from(file, "base64")));
}

const ownIdentity = await age.generateHybridIdentity();
const answer = {
  recipient: await age.identityToRecipient(identity),
  opened: await Promise.all(sealed.map(decrypt)),
  sealed: await Promise.all(plaintexts.map((plaintext) => encrypt(recipient, plaintext))),
  ownIdentity,
  ownRecipient: await age.identityToRecipient(ownIdentity),
};
process.stdout.write(JSON.stringify(answer));

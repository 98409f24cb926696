// Base64 keeps a solution out of plain sight, not secret: a learner on their own may take it when they want it.

/** A text that cannot be read at a glance. */
export function seal(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));
}

/** The text that was sealed. @throws where it was not. */
export function unseal(sealed: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(sealed), (character) => character.charCodeAt(0)));
}

// SPDX-License-Identifier: Apache-2.0
import { sglangPageHash, sglangShortHash } from '../core/engine-hashes.js';
import type { RadixEvent } from '../core/radix-policy.js';

/**
 * Page events as SGLang publishes them: a page is known by the first 8 bytes of
 * sha256(digest of the page before it, tokens as u32 LE), shown as a signed decimal number.
 */
export class PageHashes {
  /** Digests of the pages that are stored, by their number. */
  readonly #digests = new Map<number, Uint8Array>();

  constructor(private readonly page: number) {}

  /** One row a page: ["S", hash, parent, tokens], ["R", hash] or ["C"]. */
  rows(events: readonly RadixEvent[]): unknown[][] {
    return events.flatMap((event) => {
      switch (event.kind) {
        case 'stored':
          return this.#stored(event.first, event.parent, event.tokens);
        case 'removed':
          return [...event.pages].map((page) => this.#removed(page));
        case 'cleared':
          this.#digests.clear();
          return [['C']];
      }
    });
  }

  #stored(first: number, parent: number, tokens: Uint32Array): unknown[][] {
    const rows: unknown[][] = [];
    let before = this.#digests.get(parent);
    for (let at = 0; at < tokens.length; at += this.page) {
      const run = tokens.subarray(at, at + this.page);
      const digest = sglangPageHash(before, run);
      this.#digests.set(first + at / this.page, digest);
      rows.push(['S', shortHash(digest), before ? shortHash(before) : null, [...run]]);
      before = digest;
    }
    return rows;
  }

  #removed(page: number): unknown[] {
    const digest = this.#digests.get(page);
    this.#digests.delete(page);
    return ['R', digest ? shortHash(digest) : `page ${page} was never stored`];
  }
}

/** As the log reader leaves them: page hashes are text, since they do not fit a double. */
function shortHash(digest: Uint8Array): string {
  return String(sglangShortHash(digest));
}

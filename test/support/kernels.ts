// SPDX-License-Identifier: Apache-2.0
/** What each kernel must come with: its test, its page, its bench and its fuzzer. */

/** Files beside the kernels that hold no data structure or algorithm of their own. */
export const notKernels: readonly string[] = [
  'index', 'arena', 'status', 'integrity', 'integrity/tree', 'index.debug', 'debug',
];

/** A kernel is known to its users by the name of its host file. */
export const hostNames: Readonly<Record<string, string>> = {
  'event/heap': 'event-heap',
  'hash/xxh3': 'hash',
  'kv/manager': 'kv-manager',
  'kv/router': 'router-index',
  'kv/tiers': 'tier-store',
  'kv/pool': 'block-pool',
  'kv/radix': 'radix-tree',
  'rng/philox': 'rng',
  'rng/samplers': 'rng',
};

export interface Company {
  readonly what: string;
  /** Path that must exist, from the host name. */
  readonly path: (name: string) => string;
  /** Kernels that do without, each with the reason. An entry that is not needed any more fails. */
  readonly except: Readonly<Record<string, string>>;
}

export const company: readonly Company[] = [
  { what: 'host file', path: (name) => `src/core/${name}.ts`, except: {} },
  { what: 'reference twin', path: (name) => `src/core/reference/${name}.ts`, except: {} },
  { what: 'test', path: (name) => `test/core/${name}.test.ts`, except: {} },
  { what: 'doc page', path: (name) => `docs/kernels/${name}.md`, except: {} },
];

/** Benches and fuzzers are rows of a registry: the host name must stand in one of these files. */
export interface Registry {
  readonly what: string;
  readonly files: RegExp;
  readonly except: Readonly<Record<string, string>>;
}

const stateless = 'a pure function: property tests against its twin cover it';

export const registries: readonly Registry[] = [
  {
    what: 'bench',
    files: /^(bench|src\/bench)\/.*\.ts$/,
    except: { rng: 'no bar yet', math: 'no bar yet' },
  },
  {
    what: 'fuzzer',
    files: /^src\/fuzz\/.*\.ts$/,
    except: { rng: stateless, math: stateless, hash: stateless },
  },
];

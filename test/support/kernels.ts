// SPDX-License-Identifier: Apache-2.0
/** What each kernel must come with: its test, its page, its bench and its fuzzer. */

/** Files beside the kernels that hold no data structure or algorithm of their own. */
export const notKernels: readonly string[] = [
  'index', 'arena', 'status', 'integrity', 'integrity/tree', 'index.debug', 'debug',
  'numeric', 'quant/formats', 'spec/rows', 'moe/topk',
];

/** A kernel is known to its users by the name of its host file. */
export const hostNames: Readonly<Record<string, string>> = {
  'event/heap': 'event-heap',
  'quant/ggml': 'ggml-blocks',
  'spec/verify': 'spec-verify',
  'spec/block': 'block-verify',
  'spec/tree': 'draft-tree',
  'spec/ngram': 'ngram-drafter',
  'spec/rates': 'acceptance-rates',
  'spec/suffix': 'suffix-drafter',
  'moe/route': 'expert-router',
  'moe/align': 'expert-layout',
  'moe/eplb': 'expert-placement',
  'hash/xxh3': 'hash',
  'kv/manager': 'kv-manager',
  'kv/router': 'router-index',
  'kv/pool': 'block-pool',
  'kv/radix': 'radix-tree',
  'rng/philox': 'rng',
  'rng/samplers': 'rng',
};

/** The folder of `src` with the host files of a kernel: one for each module. */
export const hostFolder = (kernel: string): string =>
  /^(quant|spec|moe)\//.test(kernel) ? 'numeric' : 'core';

export interface Company {
  readonly what: string;
  /** Path that must exist, from the host name and the host folder. */
  readonly path: (name: string, folder: string) => string;
  /** Kernels that do without, each with the reason. An entry that is not needed any more fails. */
  readonly except: Readonly<Record<string, string>>;
}

export const company: readonly Company[] = [
  { what: 'host file', path: (name, folder) => `src/${folder}/${name}.ts`, except: {} },
  {
    what: 'reference twin',
    path: (name, folder) => `src/${folder}/reference/${name}.ts`,
    except: {},
  },
  { what: 'test', path: (name, folder) => `test/${folder}/${name}.test.ts`, except: {} },
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
    except: {
      rng: stateless, math: stateless, hash: stateless,
      codec: stateless, nvfp4: stateless, hadamard: stateless, 'kv-formats': stateless,
      'ggml-blocks': stateless,
    },
  },
];

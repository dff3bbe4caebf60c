// SPDX-License-Identifier: Apache-2.0
/**
 * One operation as a measured row describes it. A number that the operation does not have is 0, a
 * word is ''.
 */
export interface Operation {
  /** Name in `OPERATIONS`. */
  readonly op: OperationName;
  readonly framework: string;
  readonly version: string;
  readonly kernelSource: string;
  /** Number format of the arithmetic (of the payload, for collectives). */
  readonly dtype: string;
  /** Number format of the KV cache. */
  readonly kvDtype: string;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Sequences. */
  readonly batch: number;
  /** New tokens a sequence. */
  readonly isl: number;
  /** Tokens already in the KV cache, a sequence. */
  readonly pastKv: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** Sliding window, tokens; 0 for none. */
  readonly window: number;
  /** Tokens before expert parallelism divides them. */
  readonly tokens: number;
  readonly hidden: number;
  readonly inter: number;
  readonly topk: number;
  readonly experts: number;
  readonly moeTp: number;
  readonly moeEp: number;
  /** `balanced`, or `power_law_X` with the exponent X. */
  readonly distribution: string;
  readonly gpus: number;
  /** Elements (not bytes) of a collective's message. */
  readonly elements: number;
}

/** Sizes that an operation may need. */
export type SizeField =
  | 'm' | 'n' | 'k' | 'batch' | 'isl' | 'pastKv' | 'heads' | 'kvHeads' | 'headDim' | 'window'
  | 'tokens' | 'hidden' | 'inter' | 'topk' | 'experts' | 'moeTp' | 'moeEp' | 'gpus' | 'elements';

const ATTENTION = ['batch', 'heads', 'kvHeads', 'headDim'] as const;
const ROUTED = ['tokens', 'hidden', 'topk', 'experts'] as const;
const COLLECTIVE = ['gpus', 'elements'] as const;

/** Operations by name, each with the sizes that it must have; sizes not listed may be 0. */
export const OPERATIONS = {
  gemm: ['m', 'n', 'k'],
  compute_scale: ['m', 'k'],
  context_attention: [...ATTENTION, 'isl'],
  generation_attention: ATTENTION,
  context_mla: ['batch', 'isl', 'heads'],
  generation_mla: ['batch', 'heads'],
  moe: [...ROUTED, 'inter', 'moeTp', 'moeEp'],
  nccl_all_reduce: COLLECTIVE,
  nccl_all_gather: COLLECTIVE,
  nccl_reduce_scatter: COLLECTIVE,
  nccl_alltoall: COLLECTIVE,
  custom_allreduce: COLLECTIVE,
  deepep_ll_dispatch: [...ROUTED, 'gpus'],
  deepep_ll_combine: [...ROUTED, 'gpus'],
  'deepep_normal_dispatch+combine': [...ROUTED, 'gpus'],
  alltoall_prepare: [...ROUTED, 'moeEp'],
  alltoall_dispatch: [...ROUTED, 'moeEp'],
  alltoall_combine: [...ROUTED, 'moeEp'],
  alltoall_combine_low_precision: [...ROUTED, 'moeEp'],
} as const satisfies Readonly<Record<string, readonly SizeField[]>>;

export type OperationName = keyof typeof OPERATIONS;

const NOTHING: Operation = {
  op: 'gemm', framework: '', version: '', kernelSource: '', dtype: 'bfloat16', kvDtype: '',
  m: 0, n: 0, k: 0, batch: 0, isl: 0, pastKv: 0, heads: 0, kvHeads: 0, headDim: 0, window: 0,
  tokens: 0, hidden: 0, inter: 0, topk: 0, experts: 0, moeTp: 0, moeEp: 0,
  distribution: '', gpus: 0, elements: 0,
};

/** Words that operations of one origin share. */
export interface Origin {
  readonly framework: string;
  readonly version: string;
}

/**
 * An operation from the fields that it has; the rest is 0 or ''.
 * @throws RangeError when a size that the operation needs is missing, negative or not finite.
 */
export function operation(
  fields: Partial<Operation> & { readonly op: OperationName },
  origin?: Origin,
): Operation {
  // Every field in one order: all operations are then of one hidden class, and quick to read.
  const all: { -readonly [K in keyof Operation]: Operation[K] } = { ...NOTHING, ...fields };
  if (origin !== undefined) {
    all.framework = origin.framework;
    all.version = origin.version;
  }
  for (const field of OPERATIONS[fields.op]) {
    const size = all[field];
    if (!(size > 0 && size < Infinity)) {
      throw new RangeError(`${fields.op}: ${field} must be > 0, got ${size}`);
    }
  }
  return all;
}

const FIELDS = Object.keys(NOTHING) as (keyof Operation)[];

/** Whether two operations are the same in every field. */
export function sameOperation(a: Operation, b: Operation): boolean {
  return FIELDS.every((field) => a[field] === b[field]);
}

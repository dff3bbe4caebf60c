// SPDX-License-Identifier: Apache-2.0
import { allToAllForm } from './all-to-all.js';
import { contextAttentionForm } from './context-attention.js';
import { customAllReduceForm } from './custom-all-reduce.js';
import { decodeAttentionForm } from './decode-attention.js';
import { deepEpLowLatencyForm, deepEpNormalForm } from './deep-ep.js';
import { dtypeOf } from './dtype.js';
import type { Form } from './form.js';
import { gemmBf16Form, gemmBlockForm, gemmFp8Form } from './gemm.js';
import { contextMlaForm, decodeMlaForm } from './mla.js';
import { moeBlockForm, moeForm, moeFp4Form, moeWidenedForm } from './moe.js';
import { ncclAllReduceForm, ncclAllToAllForm, ncclForm } from './nccl.js';
import type { Operation, OperationName } from './operation.js';
import { computeScaleForm } from './quantize.js';

const FORMS: Readonly<Record<Exclude<OperationName, 'gemm'>, Form>> = {
  compute_scale: computeScaleForm,
  context_attention: contextAttentionForm,
  generation_attention: decodeAttentionForm,
  context_mla: contextMlaForm,
  generation_mla: decodeMlaForm,
  moe: moeForm,
  nccl_all_reduce: ncclAllReduceForm,
  nccl_all_gather: ncclForm,
  nccl_reduce_scatter: ncclForm,
  nccl_alltoall: ncclAllToAllForm,
  custom_allreduce: customAllReduceForm,
  deepep_ll_dispatch: deepEpLowLatencyForm,
  deepep_ll_combine: deepEpLowLatencyForm,
  'deepep_normal_dispatch+combine': deepEpNormalForm,
  alltoall_prepare: allToAllForm,
  alltoall_dispatch: allToAllForm,
  alltoall_combine: allToAllForm,
  alltoall_combine_low_precision: allToAllForm,
};

const EXPERT_FORMS: Readonly<Record<string, Form>> = {
  fp8_block: moeBlockForm,
  nvfp4: moeFp4Form,
  w4a16_mxfp4: moeWidenedForm,
};

/** The form of an operation; products and experts have one for each way of scaling. */
export function formOf({ op, dtype }: Pick<Operation, 'op' | 'dtype'>): Form {
  if (op === 'moe') return EXPERT_FORMS[dtype] ?? moeForm;
  if (op !== 'gemm') return FORMS[op];
  if (!dtypeOf(dtype).quantised) return gemmBf16Form;
  return dtype === 'fp8' || dtype === 'int8' ? gemmFp8Form : gemmBlockForm;
}

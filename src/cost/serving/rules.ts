// SPDX-License-Identifier: Apache-2.0
import { modelKind } from './model-kind.js';
import type { ServingPoint } from './point.js';

/** Tokens verified beside the next one, and how many tokens a step then yields. */
export interface Speculation {
  readonly drafts: number;
  readonly accepted: number;
}

/** TensorRT-LLM builds whose published DeepSeek rows draft tokens that no column names. */
const DRAFTING = ['1.2.0rc6.post3', '1.1.0rc2.post2'];

/**
 * Speculation by engine version: these builds run twice as fast at few users as their neighbours
 * with the same inputs. Accepted lengths were fitted once (step-model: 2.5 of 1 + 3, 1.6 of 1 + 1).
 * undefined: none.
 */
export function speculationOf(point: ServingPoint, dp: number): Speculation | undefined {
  if (point.engine !== 'trtllm' || !point.model.id.startsWith('deepseek')) return undefined;
  if (!DRAFTING.includes(point.version)) return undefined;
  return dp > 1 ? { drafts: 1, accepted: 1.6 } : { drafts: 3, accepted: 2.5 };
}

/**
 * Why published rows of such inputs cannot be meant as they stand; '' when nothing is known against
 * them. Rules on inputs alone, each from rows that contradict their own neighbours.
 */
export function inputDefect(point: ServingPoint): string {
  const { engine, model, device, concurrency, version } = point;
  const gptOss = model.id.startsWith('gpt-oss');
  if (gptOss && engine === 'vllm' && device.id === 'h100_sxm' && concurrency >= 512) {
    return 'gpt-oss on H100 with vLLM at 512 users: most requests wait, TPOT as at 4 users';
  }
  if (engine === 'trtllm' && version === '1.3.0rc1' && device.architecture === 'blackwell') {
    return 'TensorRT-LLM 1.3.0rc1 on Blackwell: one TPOT whatever the batch';
  }
  return '';
}

/** Why a row may hide something that its columns do not say; '' otherwise. Such rows do count. */
export function suspicion(point: ServingPoint, dp: number): string {
  const drafts = speculationOf(point, dp)?.drafts;
  if (drafts !== undefined) return `multi-token prediction by version, ${drafts} drafts`;
  const mtp = modelKind(point.model) === 'mla-moe' || modelKind(point.model) === 'hybrid';
  const nightly = /dev|nightly/.test(point.version);
  return mtp && nightly ? 'development build of a model with draft layers' : '';
}

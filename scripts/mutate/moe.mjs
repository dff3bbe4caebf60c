// SPDX-License-Identifier: Apache-2.0
/** Bugs to plant in expert routing. */
import { numericSuites } from './numeric.mjs';

const router = (...rest) => ['expert-router', 'route', ...rest];
const chooser = (...rest) => ['expert-router', 'topk', ...rest];
const layout = (...rest) => ['expert-layout', 'align', ...rest];
const traffic = (...rest) => ['expert-layout', 'align/traffic', ...rest];
const placement = (...rest) => ['expert-placement', 'eplb', ...rest];

export const suites = numericSuites('moe', [
  chooser('NaN above everything', 'RT: NaN last',
    'if (isNaN<f32>(x)) return NAN_KEY;', 'if (isNaN<f32>(x)) return i32.MAX_VALUE;'),
  chooser('the higher id wins ties', 'lowest id',
    'while (at > BEST && key > load<i32>(at - 8)) {',
    'while (at > BEST && key >= load<i32>(at - 8)) {'),
  chooser('-0 below +0', 'lowest id', 'reinterpret<i32>(x + <f32>0)', 'reinterpret<i32>(x)'),
  chooser('four candidates against an old bound', 'top-k',
    'mask &= mask - 1;\n        const key = load<i32>(keys + (<usize>(i + lane) << 2));\n' +
      '        if (key > least) {',
    'mask &= mask - 1;\n        const key = load<i32>(keys + (<usize>(i + lane) << 2));\n' +
      '        if (key != least) {'),
  router('groups by their best alone', 'DeepSeek-V3: sum of the best two',
    'return keyOf(numberOf(first) + numberOf(second));', 'return first;'),
  router('weights with the bias', 'DeepSeek-V3: scores without it',
    'sum += <f64>f32At(SCORES, bestIndex(i));',
    'sum += <f64>numberOf(load<i32>(KEYS + (<usize>bestIndex(i) << 2)));'),
  router('no scale after renormalising', 'routed_scaling_factor',
    '/ divisor) * <f64>scale));\n  }\n  for (let i: u32 = 0; i < shared',
    '/ divisor)));\n  }\n  for (let i: u32 = 0; i < shared'),
  router('shared experts weigh 1', 'fused shared experts',
    '(sum / <f64>sharedFactor / divisor)', '1'),
  router('softmax over the chosen alone', 'softmax, not renormalised',
    'if (kind == SOFTMAX && !(options & RENORM)) {', 'if (kind == SOFTMAX && k == 0) {'),
  router('softplus loses small arguments', 'sqrtsoftplus',
    'plain == 1 ? y : math_log(plain) * (y / (plain - 1))', 'math_log(plain)'),
  router('kept groups beyond the 64th', 'groups > 64',
    'groups <= 64 ? (mask >> g) & 1 : isKept(g, keptGroups)', '(mask >> g) & 1'),
  layout('second choices before later first ones', 'AL-3, GShard',
    'const slot = t * k + choice;', 'const slot = choice * tokens + t;'),
  layout('one more than the capacity', 'AL-3',
    'get(counts, e) >= capacity;', 'get(counts, e) > capacity;'),
  layout('a token counts once a slot', 'AL-5, DeepEP',
    'put(perRank, r, get(perRank, r) + 1);', 'put(perRank, r, get(perRank, r) + k);'),
  layout('a node counts once a rank', 'AL-5, DeepEP',
    'reached = true;\n',
    'if (reached) put(perNode, node, get(perNode, node) + 1);\n        reached = true;\n'),
  ['expert-layout', 'align/rows', 'columns behind the last four', 'AR-1',
    'for (; c < cols; c++) putF32(to, c, f32At(to, c) + weight * f32At(from, c));', ''],
  ['expert-layout', 'align/rows', 'dropped choices count', 'AR-2',
    'if (row < rows) addRow', 'if (rows) addRow'],
  traffic('all relay through the first rank of a node', 'AT-3, DeepEP internode',
    'first + (from % perNode) : from', 'first : from'),
  traffic('once a rank for all slots', 'AT-2', 'rule == ONCE_A_SLOT ? n : 1', '1'),
  traffic('the hop to the relay is forgotten', 'AT-3',
    'if (any && hub != from) add(counts, from * ranks + hub, 1);', ''),
  traffic('copies of a node are not near', 'AT-1', 'if (near != NOWHERE) return near;', ''),
  placement('a full pack takes more', 'EPLB balanced packing',
    'if (get(counts, p) == size) continue;', 'if (get(counts, p) > size) continue;'),
  placement('the last of equal packs', 'EPLB: first on ties',
    'f32At(loads, p) < f32At(loads, best)) best', 'f32At(loads, p) <= f32At(loads, best)) best'),
  placement('copies go by weight alone', 'EP-4',
    'f32At(weight, i) / <f32>get(counts, i);', 'f32At(weight, i);'),
  placement('copies carry the weight of all', 'EPLB: weight / copies',
    'f32At(weights, e) / <f32>get(localCounts, e));', 'f32At(weights, e));'),
  placement('ties in descending order', 'stable sort',
    'f32At(weight, get(from, a)) >= f32At(', 'f32At(weight, get(from, a)) > f32At('),
  placement('groups are split over nodes', 'EP-3',
    '(get(groupNode, g) * groupsOfNode + get(groupRank, g)) * groupSize;', 'g * groupSize;'),
  ['expert-popularity', 'popularity', 'one block for four tokens', 'MP-1',
    'entity, first + t, e >> 2)', 'entity, first + (t >> 2), e >> 2)'],
  ['expert-popularity', 'popularity', 'noise of an exponential', 'Gumbel',
    '<f64>noise * math_log(-math_log(u))', '<f64>noise * -math_log(u)'],
]);

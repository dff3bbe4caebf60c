// SPDX-License-Identifier: Apache-2.0
/** Where most configurations were read. */
export const CARDS =
  'public model card, via ai-dynamo/aiconfigurator model_configs, commit 095f58a5';

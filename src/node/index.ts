// SPDX-License-Identifier: Apache-2.0
export { checkOutputFolder, writeFolder } from './atomic.js';
export { listTraceFiles, openChunks, readTraceFile } from './files.js';
export { builtinTraces, loadWorkload } from './load-workload.js';
export { presetNames, readPreset } from './preset.js';
export { nodeWorker, parentEndpoint } from './threads.js';

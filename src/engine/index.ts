// SPDX-License-Identifier: Apache-2.0
export { EventLoop } from './loop.js';
export type { EventHandler } from './loop.js';
export { Monitor } from './monitor.js';
export { StateRegistry } from './registry.js';
export type { StateColumn } from './registry.js';

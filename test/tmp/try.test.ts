import { it } from 'vitest';
import { models, parameters, kvBytesPerToken, fixedElementsPerSequence, contradiction, attentionWork } from '../../src/model/index.js';
it('x', () => {
  for (const m of models) {
    const p = parameters(m);
    console.log(m.id.padEnd(28), (p.total/1e9).toFixed(1), (p.active/1e9).toFixed(2), m.publishedParameters === null ? '-' : ((p.total/m.publishedParameters-1)*100).toFixed(2)+'%', kvBytesPerToken(m,'bf16'), kvBytesPerToken(m,'fp8'), kvBytesPerToken(m,'nvfp4'), fixedElementsPerSequence(m), JSON.stringify(contradiction(m)), (p.active-p.embedding/2)/1e9);
  }
});

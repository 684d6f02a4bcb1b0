/**
 * Redis' atomic steps on a run. Every word of a worker carries its fence, a number that grows with each taking:
 * a worker that was cut off and has lost its run to another is refused, whatever it still believes.
 *
 * Keys of all: the run's state, log and parts.
 */

/** Puts a beginning beside a run that has none. ARGV: keep, total, field (`start` or `checkpoint`), manifest. */
export const SEED = `
if redis.call('HEXISTS', KEYS[1], 'total') == 0 then
  redis.call('HSET', KEYS[1], 'total', ARGV[2], 'fence', 0, 'seq', 0, 'starts', 0, 'step', 0)
  if ARGV[3] ~= '' then redis.call('HSET', KEYS[1], ARGV[3], ARGV[4]) end
end
for i = 1, 3 do redis.call('EXPIRE', KEYS[i], ARGV[1]) end
return redis.call('HEXISTS', KEYS[1], 'done')
`;

/**
 * Takes a run. ARGV: keep, worker. Returns its fence, the number of its entries, how often it was taken since its last
 * checkpoint, and 1 where it is done.
 */
export const TAKE = `
if redis.call('HEXISTS', KEYS[1], 'done') == 1 then return {0, 0, 0, 1} end
local fence = redis.call('HINCRBY', KEYS[1], 'fence', 1)
local starts = redis.call('HINCRBY', KEYS[1], 'starts', 1)
redis.call('HSET', KEYS[1], 'worker', ARGV[2])
for i = 1, 3 do redis.call('EXPIRE', KEYS[i], ARGV[1]) end
return {fence, tonumber(redis.call('HGET', KEYS[1], 'seq') or '0'), starts, 0}
`;

/** Saves a part. ARGV: fence, field, bytes. Returns 1, or 0 where the fence is an older one. */
export const PUT = `
if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[3], ARGV[2], ARGV[3])
return 1
`;

/**
 * Adds the next entry to the log. ARGV: fence, number of entries before it, keep, kind, body, step, checkpoint's manifest
 * or nothing, then the parts that it makes superfluous. Returns the number of entries; −1 where the fence is an older one.
 * An entry that is there already, since its answer was lost, is not added twice; nor is one after a gap.
 */
export const APPEND = `
if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] then return -1 end
local seq = tonumber(redis.call('HGET', KEYS[1], 'seq') or '0')
if seq ~= tonumber(ARGV[2]) then return seq end
redis.call('XADD', KEYS[2], (seq + 1) .. '-0', 'kind', ARGV[4], 'body', ARGV[5])
redis.call('HSET', KEYS[1], 'seq', seq + 1, 'step', ARGV[6])
if ARGV[7] ~= '' then
  local before = redis.call('HGET', KEYS[1], 'checkpoint')
  if before then redis.call('HSET', KEYS[1], 'previous', before) end
  redis.call('HSET', KEYS[1], 'checkpoint', ARGV[7], 'starts', 0)
end
for i = 8, #ARGV do redis.call('HDEL', KEYS[3], ARGV[i]) end
if ARGV[4] == 'done' then redis.call('HSET', KEYS[1], 'done', 1) end
for i = 1, 3 do redis.call('EXPIRE', KEYS[i], ARGV[3]) end
return seq + 1
`;

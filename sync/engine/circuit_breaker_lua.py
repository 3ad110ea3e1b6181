"""The scripts that the circuit breaker runs in Redis, each as one step and on Redis's clock.

A circuit is a kind of request, or the application's token. KEYS name its hash:

* opened_at, only while it is paused; pause_until; probe_until: until when the answer of a probe is awaited
* pauses: how many there were in a row; it is forgotten once a whole window of answers was good
* began: when the first of the refusals came that opened it; refused, statuses: how many there were, and which
* share: the share of refusals among all answers that are not in the window any more
* streak, streak_began: of the application's token, refusals in a row

and its list of the last answers, the latest first: "1" or "0" for refused or not, time, status and group. Times are
seconds.
"""

# The first argument is a simulated time, in tests. The second is the number of answers in the window.
_COMMON = """
local now, window = tonumber(ARGV[1]), tonumber(ARGV[2])
if not now then
  local time = redis.call('TIME')
  now = time[1] + time[2] / 1000000
end
local function text(number) return string.format('%.3f', number) end
-- The share follows the last few hundred answers.
local function forget(key, answers)
  local share = tonumber(redis.call('HGET', key, 'share') or 0)
  local before = share
  for _, answer in ipairs(answers) do
    share = share + ((string.sub(answer, 1, 1) == '1' and 1 or 0) - share) / 200
  end
  if math.abs(share - before) > 0.0001 then redis.call('HSET', key, 'share', string.format('%.5f', share)) end
end
local function pause(key, pauses)
  redis.call('HSET', key, 'pauses', pauses, 'pause_until', text(now + 60 * math.min(2 ^ pauses, 60)))
  redis.call('HDEL', key, 'probe_until')
end
local function open(key, circuit, began, refused, statuses)
  redis.call('HSET', key, 'opened_at', text(now), 'began', began, 'refused', refused, 'statuses', statuses)
  redis.call('SADD', 'breaker:open', circuit)
  pause(key, (redis.call('HGET', key, 'pauses') or 0) + 1)
end
local function close(key, circuit)
  redis.call('RPUSH', 'breaker:healed', redis.call('HGET', key, 'began') .. ' ' .. circuit)
  redis.call('HDEL', key, 'opened_at', 'pause_until', 'probe_until', 'began', 'refused', 'statuses', 'streak')
  redis.call('SREM', 'breaker:open', circuit)
end
-- While the answer of a probe is awaited there is a little to wait, too.
local function left(key)
  local paused_until = redis.call('HGET', key, 'pause_until')
  return paused_until and math.max(paused_until - now, 5) or 0
end
"""

# KEYS: hashes of circuits. ARGV: now, window, seconds that a probe may take, and after how many seconds the request may
# be a probe when nobody else was: what was refused before makes a bad one.
# Returns how long to wait, then which circuits the request is a probe for.
ADMIT = (
    _COMMON
    + """
local wait, opened = 0, {}
for index, key in ipairs(KEYS) do
  local known = redis.call('HMGET', key, 'opened_at', 'pause_until', 'probe_until')
  if known[1] then
    opened[#opened + 1] = index
    if math.max(known[2] + ARGV[4], known[3] or 0) > now then wait = math.max(wait, left(key)) end
  end
end
if wait > 0 then return {text(wait)} end
for _, index in ipairs(opened) do redis.call('HSET', KEYS[index], 'probe_until', text(now + ARGV[3])) end
return {'0', unpack(opened)}
"""
)

# KEYS: the hash and the list of a kind's circuit, the hash of the application's. ARGV: now, window, the kind's circuit,
# whether it was refused, its status, its group or '' when it does not count, whether it is a probe; the application's
# circuit, what the answer says of its token ('good', 'refused' or ''), whether it is a probe for that, and how many
# refusals in a row open that circuit.
# Returns how long the kind and the token are paused, and of a window that may show an outage the share before it and
# all answers.
RECORD = (
    _COMMON
    + """
local reply = {'0', '0'}
local refused = ARGV[4] == '1'

local known = redis.call('HMGET', KEYS[1], 'opened_at', 'pauses')
if known[1] then
  if ARGV[7] == '1' then
    if refused then pause(KEYS[1], known[2] + 1) else close(KEYS[1], ARGV[3]) end
  end
  reply[1] = text(left(KEYS[1]))
elseif ARGV[6] ~= '' then
  local answer = table.concat({ARGV[4], text(now), ARGV[5], ARGV[6]}, ' ')
  local length = redis.call('LPUSH', KEYS[2], answer)
  if length > window then forget(KEYS[1], {redis.call('RPOP', KEYS[2])}) end
  if length >= window then
    if refused then
      reply[3] = redis.call('HGET', KEYS[1], 'share') or '0'
      for _, one in ipairs(redis.call('LRANGE', KEYS[2], 0, -1)) do reply[#reply + 1] = one end
    elseif known[2] then
      local bad = 0
      for _, one in ipairs(redis.call('LRANGE', KEYS[2], 0, -1)) do bad = bad + string.sub(one, 1, 1) end
      if 2 * bad <= window then redis.call('HDEL', KEYS[1], 'pauses') end
    end
  end
end

if ARGV[9] == '' then return reply end
local token = redis.call('HMGET', KEYS[3], 'opened_at', 'pauses', 'streak')
if token[1] then
  if ARGV[10] == '1' then
    if ARGV[9] == 'refused' then pause(KEYS[3], token[2] + 1) else close(KEYS[3], ARGV[8]) end
  end
elseif ARGV[9] == 'refused' then
  local streak = redis.call('HINCRBY', KEYS[3], 'streak', 1)
  if streak == 1 then redis.call('HSET', KEYS[3], 'streak_began', text(now)) end
  if streak >= tonumber(ARGV[11]) then
    open(KEYS[3], ARGV[8], redis.call('HGET', KEYS[3], 'streak_began'), streak, ARGV[5])
  end
elseif token[2] or token[3] then
  redis.call('HDEL', KEYS[3], 'streak', 'pauses')
end
reply[2] = text(left(KEYS[3]))
return reply
"""
)

# KEYS: the hash and the list of a circuit. ARGV: now, window, circuit, began, refused, statuses. Returns how long it is
# paused. The first of several processes that see the outage opens the circuit.
OPEN = (
    _COMMON
    + """
if not redis.call('HGET', KEYS[1], 'opened_at') then
  forget(KEYS[1], redis.call('LRANGE', KEYS[2], 0, -1))
  redis.call('DEL', KEYS[2])
  open(KEYS[1], ARGV[3], ARGV[4], ARGV[5], ARGV[6])
end
return text(left(KEYS[1]))
"""
)

"""The scripts that the circuit breaker runs in Redis, each as one step and on Redis's clock.

A circuit is a kind of request, or the application's token. Its hash:

* opened_at, only while it is open; pause_until; probe_until: until when the response of a probe is awaited
* pauses: how many there were in a row; it is forgotten once a whole window of responses was good
* began: when the first of the refusals came that opened it; refused, statuses: how many there were, and which
* share: the share of refusals among all responses that have left the window
* streak, streak_began: of the application's token, refusals in a row

and its list of the last responses, the latest first: "1" or "0" for refused or not, time, status and group. The open
circuits are a set, those that were closed a list. Times are seconds.
"""

# The first argument is a simulated time, in tests. The second is the number of responses in the window.
_COMMON = """
local now, window = tonumber(ARGV[1]), tonumber(ARGV[2])
if not now then
  local time = redis.call('TIME')
  now = time[1] + time[2] / 1000000
end
local function text(number) return string.format('%.3f', number) end
-- The share follows the last few hundred responses.
local function forget(key, responses)
  local share = tonumber(redis.call('HGET', key, 'share') or 0)
  local before = share
  for _, response in ipairs(responses) do
    share = share + ((string.sub(response, 1, 1) == '1' and 1 or 0) - share) / 200
  end
  if math.abs(share - before) > 0.0001 then redis.call('HSET', key, 'share', string.format('%.5f', share)) end
end
local function pause(key, pauses)
  redis.call('HSET', key, 'pauses', pauses, 'pause_until', text(now + 60 * math.min(2 ^ pauses, 60)))
  redis.call('HDEL', key, 'probe_until')
end
local function open(key, open_circuits, circuit, began, refused, statuses)
  redis.call('HSET', key, 'opened_at', text(now), 'began', began, 'refused', refused, 'statuses', statuses)
  redis.call('SADD', open_circuits, circuit)
  pause(key, (redis.call('HGET', key, 'pauses') or 0) + 1)
end
-- While the response of a probe is awaited, there is a short wait, too.
local function left(key)
  local paused_until = redis.call('HGET', key, 'pause_until')
  return paused_until and math.max(paused_until - now, 5) or 0
end
"""

# KEYS: hashes of circuits. ARGV: now, window, seconds that a probe can take, and after how many seconds the request can
# be a probe when no other was: what was refused before makes a bad one.
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

# KEYS: the hash and the list of a kind's circuit, the hash of the application's, the open circuits, those that were
# closed. ARGV: now, window, the kind's circuit, whether it was refused, its status, its group or '' when it does not
# count, whether it is a probe; the application's circuit, what the response says about its token ('good', 'refused' or
# ''), whether it is a probe for that, and how many refusals in a row open that circuit.
# Returns how long the kind and the token are paused; and if the window can be an outage, the share before it and all
# its responses.
RECORD = (
    _COMMON
    + """
local reply = {'0', '0'}
local refused = ARGV[4] == '1'
local function close(key, circuit)
  redis.call('RPUSH', KEYS[5], redis.call('HGET', key, 'began') .. ' ' .. circuit)
  redis.call('HDEL', key, 'opened_at', 'pause_until', 'probe_until', 'began', 'refused', 'statuses', 'streak')
  redis.call('SREM', KEYS[4], circuit)
end

local known = redis.call('HMGET', KEYS[1], 'opened_at', 'pauses')
if known[1] then
  if ARGV[7] == '1' then
    if refused then pause(KEYS[1], known[2] + 1) else close(KEYS[1], ARGV[3]) end
  end
  reply[1] = text(left(KEYS[1]))
elseif ARGV[6] ~= '' then
  local response = table.concat({ARGV[4], text(now), ARGV[5], ARGV[6]}, ' ')
  local length = redis.call('LPUSH', KEYS[2], response)
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
    open(KEYS[3], KEYS[4], ARGV[8], redis.call('HGET', KEYS[3], 'streak_began'), streak, ARGV[5])
  end
elseif token[2] or token[3] then
  redis.call('HDEL', KEYS[3], 'streak', 'pauses')
end
reply[2] = text(left(KEYS[3]))
return reply
"""
)

# KEYS: the hash and the list of a circuit, the open circuits. ARGV: now, window, circuit, began, refused, statuses.
# Returns how long it is paused. The first of several processes that see the outage opens the circuit.
OPEN = (
    _COMMON
    + """
if not redis.call('HGET', KEYS[1], 'opened_at') then
  forget(KEYS[1], redis.call('LRANGE', KEYS[2], 0, -1))
  redis.call('DEL', KEYS[2])
  open(KEYS[1], KEYS[3], ARGV[3], ARGV[4], ARGV[5], ARGV[6])
end
return text(left(KEYS[1]))
"""
)

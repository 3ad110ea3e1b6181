"""The scripts that the circuit breaker runs in Redis, each as one step and on Redis's clock.

A circuit is a kind of request, or the application's token. Its hash:

* opened_at, only while it is open; paused_at, pause_until; probe_until: until when the response of a probe is awaited
* cause: "refusals" or "failures"; began: when the first of them came; refused, statuses: how many, and which
* pauses: how many there were in a row for refusals; it is forgotten once a whole window of responses was good
* share: the share of refusals among all responses that have left the window
* streak, streak_began, streak_statuses, streak_groups: failures in a row, or refusals of the application's token

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
-- After failures as long as every time, or what Retry-After demands: they say nothing, so asking costs nothing but a
-- request. Refusals are answers that we have to undo, so their pauses grow.
local function pause(key, every, retry_after)
  local seconds = math.max(every, tonumber(retry_after) or 0)
  if redis.call('HGET', key, 'cause') == 'refusals' then
    seconds = every * math.min(2 ^ redis.call('HINCRBY', key, 'pauses', 1), 60)
  end
  redis.call('HSET', key, 'paused_at', text(now), 'pause_until', text(now + seconds))
  redis.call('HDEL', key, 'probe_until')
end
local function open(key, open_circuits, circuit, cause, began, refused, statuses, every, retry_after)
  redis.call('HSET', key,
    'opened_at', text(now), 'cause', cause, 'began', began, 'refused', refused, 'statuses', statuses)
  redis.call('SADD', open_circuits, circuit)
  pause(key, every, retry_after)
end
-- While the response of a probe is awaited, there is a short wait, too.
local function left(key)
  local paused_until = redis.call('HGET', key, 'pause_until')
  return paused_until and math.max(paused_until - now, 5) or 0
end
local function has(words, word) return string.find(' ' .. words .. ' ', ' ' .. word .. ' ', 1, true) ~= nil end
local function number_of(words)
  local _, count = string.gsub(words, '%S+', '')
  return count
end
"""

# KEYS: hashes of circuits, the kind's first. ARGV: now, window, seconds that a probe can take, after how many seconds
# the request can be a probe when no other was (what was refused before makes a bad one), its group, and how many groups
# must have failed before others wait, too.
# Returns how long to wait, then which circuits the request is a probe for.
ADMIT = (
    _COMMON
    + """
local wait, opened = 0, {}
for index, key in ipairs(KEYS) do
  local known = redis.call('HMGET', key,
    'opened_at', 'pause_until', 'probe_until', 'cause', 'streak_groups', 'paused_at')
  if known[1] then
    opened[#opened + 1] = index
    local pause_until, probe_until = known[2] + ARGV[4], tonumber(known[3] or 0)
    local groups = known[5] or ''
    local is_new = known[4] == 'failures' and index == 1 and groups ~= ''
      and number_of(groups) < tonumber(ARGV[6]) and not has(groups, ARGV[5])
    if is_new then pause_until = 0 end
    -- The clock was set back since.
    if tonumber(known[6] or 0) > now + 5 then pause_until, probe_until = 0, 0 end
    if math.max(pause_until, probe_until) > now then wait = math.max(wait, left(key)) end
  end
end
if wait > 0 then return {text(wait)} end
for _, index in ipairs(opened) do redis.call('HSET', KEYS[index], 'probe_until', text(now + ARGV[3])) end
return {'0', unpack(opened)}
"""
)

# KEYS: the hash and the list of a kind's circuit, the hash of the application's, the open circuits, those that were
# closed. ARGV:
#  1 now  2 window
#  3 the kind's circuit  4 'good', 'refused', 'failed' or ''  5 the status  6 the group
#  7 whether it counts in the window  8 whether it is a probe
#  9 the application's circuit  10 what the response says about its token: 'good', 'refused' or ''  11 whether it is a
#    probe for that
# 12 how many failures in a row open a circuit  13 how many are enough when they last  14 so many seconds
# 15 how many groups are remembered  16 seconds of Retry-After  17 seconds between two probes
# Returns how long the kind and the token are paused; and if the window can be an outage, the share before it and all
# its responses.
RECORD = (
    _COMMON
    + """
local reply = {'0', '0'}
local outcome, status, group = ARGV[4], ARGV[5], ARGV[6]
local streak_fields = {'streak', 'streak_began', 'streak_statuses', 'streak_groups'}
local function close(key, circuit)
  redis.call('RPUSH', KEYS[5], redis.call('HGET', key, 'began') .. ' ' .. circuit)
  redis.call('HDEL', key, 'opened_at', 'paused_at', 'pause_until', 'probe_until', 'cause', 'began', 'refused',
    'statuses', unpack(streak_fields))
  redis.call('SREM', KEYS[4], circuit)
end
local function add(key, field, word, most)
  local words = redis.call('HGET', key, field) or ''
  if word ~= '' and not has(words, word) and number_of(words) < most then
    redis.call('HSET', key, field, words == '' and word or words .. ' ' .. word)
  end
end
local function lengthen_streak(key, circuit)
  local streak = redis.call('HINCRBY', key, 'streak', 1)
  if streak == 1 then redis.call('HSET', key, 'streak_began', text(now)) end
  add(key, 'streak_statuses', status, 10)
  add(key, 'streak_groups', group, tonumber(ARGV[15]))
  local known = redis.call('HMGET', key, 'streak_began', 'streak_statuses')
  local lasts = streak >= tonumber(ARGV[13]) and now - known[1] >= tonumber(ARGV[14])
  if lasts or streak >= tonumber(ARGV[12]) then
    open(key, KEYS[4], circuit, 'failures', known[1], streak, string.gsub(known[2], ' ', ','),
      tonumber(ARGV[17]), ARGV[16])
  end
end

local known = redis.call('HMGET', KEYS[1], 'opened_at', 'pauses', 'streak', 'cause')
if known[1] then
  if ARGV[8] == '1' then
    -- After failures also a refusal shows that there are answers again, such as the 404 of a guild that is gone.
    local is_answer = known[4] == 'failures' and (status == '401' or status == '403' or status == '404')
    if outcome == 'good' or is_answer then
      close(KEYS[1], ARGV[3])
    else
      if known[4] == 'failures' then add(KEYS[1], 'streak_groups', group, tonumber(ARGV[15])) end
      pause(KEYS[1], tonumber(ARGV[17]), ARGV[16])
    end
  end
  reply[1] = text(left(KEYS[1]))
elseif outcome == 'failed' then
  lengthen_streak(KEYS[1], ARGV[3])
  reply[1] = text(left(KEYS[1]))
else
  if known[3] and outcome == 'good' then redis.call('HDEL', KEYS[1], unpack(streak_fields)) end
  if ARGV[7] == '1' then
    local refused = outcome == 'refused'
    local response = table.concat({refused and '1' or '0', text(now), status, group}, ' ')
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
end

if ARGV[10] == '' then return reply end
local token = redis.call('HMGET', KEYS[3], 'opened_at', 'streak')
if token[1] then
  if ARGV[11] == '1' then
    if ARGV[10] == 'refused' then pause(KEYS[3], tonumber(ARGV[17]), ARGV[16]) else close(KEYS[3], ARGV[9]) end
  end
elseif ARGV[10] == 'refused' then
  lengthen_streak(KEYS[3], ARGV[9])
elseif token[2] then
  redis.call('HDEL', KEYS[3], unpack(streak_fields))
end
reply[2] = text(left(KEYS[3]))
return reply
"""
)

# KEYS: the hash and the list of a circuit, the open circuits. ARGV: now, window, circuit, began, refused, statuses,
# seconds between two probes.
# Returns how long it is paused. The first of several processes that see the outage opens the circuit.
OPEN = (
    _COMMON
    + """
if not redis.call('HGET', KEYS[1], 'opened_at') then
  forget(KEYS[1], redis.call('LRANGE', KEYS[2], 0, -1))
  redis.call('DEL', KEYS[2])
  open(KEYS[1], KEYS[3], ARGV[3], 'refusals', ARGV[4], ARGV[5], ARGV[6], tonumber(ARGV[7]))
end
return text(left(KEYS[1]))
"""
)

"""The scripts that the rate limiter runs in Redis.

Redis runs a script as one step and on its own clock, so no two processes can take the same slot and no machine's clock
matters. Times are whole microseconds. KEYS[1] is the list of slots, newest first, KEYS[2] a hash:

* epoch: new whenever the list had to be rebuilt: the id of the run of Redis that it belongs to, and the time
* rebuilt: set once what was sent before that is in the list
* blocked_until: until when nobody can send
* refused, refused_before: when the last two responses of 429 came
* period, used, logged: since when slots are counted in the request log, how many were given out since then, and how
  many the log has recorded; before, before_used: the period before that and all that was used of it
* background_due: from when on background work is served like interactive requests
"""

# The first argument is a simulated time, in tests.
_CLOCK = """
local function digits(number) return string.format('%.0f', number) end
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end
"""

# The list counts only if this run of Redis made it: one that was restarted may have lost the last seconds or minutes.
# Nor does it count when a clock was set back, since no slot is given out a minute ahead.
_OPEN = (
    _CLOCK
    + """
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
local known = redis.call('HMGET', KEYS[2],
  'epoch', 'rebuilt', 'blocked_until', 'background_due', 'period', 'used', 'logged')
local epoch, rebuilt = known[1], known[2]
local newest = tonumber(redis.call('LINDEX', KEYS[1], 0))
local lost = not epoch or string.sub(epoch, 1, #run) ~= run
if lost or rebuilt and (not newest or newest > now + 60000000) then
  redis.call('DEL', KEYS[1], KEYS[2])
  epoch, rebuilt = run .. ':' .. digits(now), false
  redis.call('HSET', KEYS[2], 'epoch', epoch)
end
if not rebuilt then return {'rebuild', epoch} end
local blocked_until = tonumber(known[3]) or 0
"""
)

# KEYS[3] if the subject of the request has pauses: from when on its next request can be sent.
# ARGV: now, microseconds that the caller can wait, the subject's pause. Before it come the constants of a lane.
# A subject that pauses gets no slot in advance: everybody else would queue behind it.
ACQUIRE = (
    _OPEN
    + """
local listed = redis.call('LLEN', KEYS[1])
local function after_windows(windows, slot)
  for i = 1, #windows, 2 do
    local index = windows[i] - 1
    -- Redis walks to a place of a long list from the end that the index counts from.
    if index > listed / 2 then index = index - listed end
    if windows[i] <= listed then
      slot = math.max(slot, redis.call('LINDEX', KEYS[1], index) + windows[i + 1])
    end
  end
  return slot
end
local reach, background_due = tonumber(ARGV[2]), tonumber(known[4]) or 0
local slot = after_windows(for_everybody, math.max(now, newest, blocked_until))
if background_every > 0 and slot < background_due then
  slot = after_windows(for_background, slot)
  reach = math.min(reach, background_reach)
end
if KEYS[3] then
  -- One that Redis lost counts as used when the list was rebuilt.
  local free_at = tonumber(redis.call('GET', KEYS[3])) or string.match(epoch, ':(%d+)$') + ARGV[3]
  if free_at > slot then return {'paused', free_at - now} end
end
if slot - now > reach then return {'later', slot - now} end

local period, used, logged = known[5], tonumber(known[6]), tonumber(known[7])
if not period or slot - period >= period_length then
  if period then redis.call('HSET', KEYS[2], 'before', period, 'before_used', used) end
  period, used, logged = digits(slot), 0, 0
  redis.call('HSET', KEYS[2], 'period', period, 'used', 0, 'logged', 0)
end
if used >= logged then
  local before = redis.call('HMGET', KEYS[2], 'before', 'before_used')
  return {'record', epoch, period, used, before[1], before[2]}
end

if redis.call('LPUSH', KEYS[1], digits(slot)) > length then redis.call('RPOP', KEYS[1]) end
if KEYS[3] then
  local lasts = slot - now + ARGV[3] + 60000000
  redis.call('SET', KEYS[3], digits(slot + ARGV[3]), 'PX', digits(lasts / 1000))
end
if background_every > 0 then
  background_due = math.min(math.max(background_due, slot) + background_every, slot + longest)
  redis.call('HSET', KEYS[2], 'used', used + 1, 'background_due', digits(background_due))
else
  redis.call('HSET', KEYS[2], 'used', used + 1)
end
local reply = {'slot', slot - now, slot, epoch}
if block > 1 and logged - used - 1 == math.floor(block / 2) then
  reply[5], reply[6] = period, logged
end
return reply
"""
)


def constants(**values: int | list[int]) -> str:
    """Return Lua that names what does not change, so that it need not travel with each call.

    `length` of the list; the `longest` window; `period_length` and size of a `block` of the request log; the windows
    `for_everybody` and `for_background`, each a place in the list and the microseconds that must lie between the slot
    there and the next one; for background work `background_every`, the microseconds after which it is served like
    interactive requests, and `background_reach`, how far ahead it can take slots otherwise.
    """
    tables = {name: f"{{{str(value)[1:-1]}}}" for name, value in values.items() if isinstance(value, list)}
    return "".join(f"local {name} = {value}\n" for name, value in (values | tables).items())


# ARGV: epoch, period, how many requests the log has recorded.
LOGGED = """
local known = redis.call('HMGET', KEYS[2], 'epoch', 'period', 'logged')
if known[1] == ARGV[1] and known[2] == ARGV[2] and tonumber(known[3]) < tonumber(ARGV[3]) then
  redis.call('HSET', KEYS[2], 'logged', ARGV[3])
end
"""

# ARGV: now, length of the list, epoch, then pairs: microseconds ago, requests; the newest first. The time 0 at the end
# says that the list is whole even when nothing was sent.
REBUILD = (
    _CLOCK
    + """
local known = redis.call('HMGET', KEYS[2], 'epoch', 'rebuilt')
if known[1] ~= ARGV[3] or known[2] then return end
local room = tonumber(ARGV[2])
for i = 4, #ARGV, 2 do
  local slot, count = digits(now - ARGV[i]), math.min(ARGV[i + 1], room)
  room = room - count
  while count > 0 do
    local some = {}
    for j = 1, math.min(count, 1000) do some[j] = slot end
    redis.call('RPUSH', KEYS[1], unpack(some))
    count = count - #some
  end
end
redis.call('RPUSH', KEYS[1], 0)
redis.call('HSET', KEYS[2], 'rebuilt', 1)
"""
)

# ARGV: now, microseconds.
BLOCK = (
    _CLOCK
    + """
local blocked_until = tonumber(redis.call('HGET', KEYS[2], 'blocked_until')) or 0
redis.call('HSET', KEYS[2], 'blocked_until', digits(math.max(blocked_until, now + ARGV[2])))
"""
)

_SLOTS_AFTER = """
local function slots_after(moment)
  local low, high = 0, redis.call('LLEN', KEYS[1])
  while low < high do
    local middle = math.floor((low + high) / 2)
    if tonumber(redis.call('LINDEX', KEYS[1], middle)) > moment then low = middle + 1 else high = middle end
  end
  return low
end
"""

# ARGV: now, microseconds that all requests are blocked, how many requests there can be between three refusals in a row,
# then pairs: requests at which a window is nearly full, its microseconds. Returns 1 if the refusal blocks all requests.
#
# A full window refuses until its oldest request leaves it, so a short one blocks no longer than that. Where more
# requests lie between refusals, the provider does not refuse everything.
REFUSED = (
    _CLOCK
    + _SLOTS_AFTER
    + """
local known = redis.call('HMGET', KEYS[2], 'blocked_until', 'refused', 'refused_before')
if tonumber(known[1] or 0) > now then return 1 end
redis.call('HSET', KEYS[2], 'refused', digits(now), 'refused_before', known[2] or 0)

local longest, blocked_until, to_come = tonumber(ARGV[2]), 0, slots_after(now)
for i = 4, #ARGV, 2 do
  local span, slots = tonumber(ARGV[i + 1]), slots_after(now - ARGV[i + 1])
  if slots - to_come >= tonumber(ARGV[i]) then
    local until_free = span > longest and now + longest or redis.call('LINDEX', KEYS[1], slots - 1) + span
    blocked_until = math.max(blocked_until, until_free)
  end
end
local first = tonumber(known[3] or 0)
if now - first <= 1000000 and slots_after(first) - to_come <= tonumber(ARGV[3]) then blocked_until = now + longest end
if blocked_until <= now then return 0 end
redis.call('HSET', KEYS[2], 'blocked_until', digits(blocked_until))
return 1
"""
)

# ARGV: now, then windows in microseconds. Returns whether all requests are blocked, and the slots in each window.
COUNT = (
    _OPEN
    + _SLOTS_AFTER
    + """
local reply = {'budget', blocked_until > now and 1 or 0}
for i = 2, #ARGV do reply[i + 1] = slots_after(now - ARGV[i]) end
return reply
"""
)

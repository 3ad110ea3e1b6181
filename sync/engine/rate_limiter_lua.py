"""The scripts that the rate limiter runs in Redis.

Redis runs a script as one step and on its own clock, so no two processes can take the same slot and no machine's clock
matters. Times are whole microseconds. KEYS[1] is the list of slots, newest first, KEYS[2] a hash:

* epoch: new whenever the list had to be rebuilt: the id of the run of Redis that it belongs to, and the time
* rebuilt: set once what was sent before that is in the list
* blocked_until: until when nobody can send
* refused, refused_before: when the last two responses of 429 came
* period, used, logged: since when slots are counted in the request log, how many were given out since then, and how
  many the log has recorded; before, before_used: the period before that and all that was used of it
* background_due, rights_due: from when on a request of that lane passes as one of a higher lane
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
  'epoch', 'rebuilt', 'blocked_until', 'period', 'used', 'logged')
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
# ARGV: now, microseconds ahead that a slot can be, how many slots at most, the subject's pause. Before it come the
# constants of a lane. A subject that pauses gets no slot in advance: everybody else would queue behind it.
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
local share_due = share_every > 0 and tonumber(redis.call('HGET', KEYS[2], share) or 0)
local function next_slot()
  local slot = after_windows(for_everybody, math.max(now, newest, blocked_until))
  local of_lane = after_windows(for_lane, slot)
  if share_due then
    local of_share = after_windows(for_share, slot)
    if of_share >= share_due then return of_share, math.max(tonumber(ARGV[2]), share_reach) end
    -- Not in advance, because everybody else would queue behind it.
    if share_due < of_lane then return share_due, 0 end
  end
  return of_lane, math.min(ARGV[2], lane_reach)
end

local period, used, logged = known[4], tonumber(known[5]), tonumber(known[6])
local half_used, slots = false, {}
while #slots < tonumber(ARGV[3]) do
  local slot, reach = next_slot()
  if KEYS[3] then
    -- One that Redis lost counts as used when the list was rebuilt.
    local free_at = tonumber(redis.call('GET', KEYS[3])) or string.match(epoch, ':(%d+)$') + ARGV[4]
    if free_at > slot then return {'paused', free_at - now} end
  end
  if slot - now > reach then
    if #slots == 0 then return {'later', slot - now} end
    break
  end
  if not period or slot - period >= period_length then
    if period then redis.call('HSET', KEYS[2], 'before', period, 'before_used', used) end
    period, used, logged = digits(slot), 0, 0
    redis.call('HSET', KEYS[2], 'period', period, 'used', 0, 'logged', 0)
  end
  if used >= logged then
    if #slots == 0 then
      local before = redis.call('HMGET', KEYS[2], 'before', 'before_used')
      return {'record', epoch, period, used, before[1], before[2]}
    end
    break
  end
  listed = redis.call('LPUSH', KEYS[1], digits(slot))
  if listed > length then redis.call('RPOP', KEYS[1]); listed = length end
  newest, used, slots[#slots + 1] = slot, used + 1, slot
  if share_due then share_due = math.min(math.max(share_due, slot) + share_every, slot + longest) end
  half_used = half_used or block > 1 and logged - used == math.floor(block / 2)
end

if KEYS[3] then
  local lasts = slots[1] - now + ARGV[4] + 60000000
  redis.call('SET', KEYS[3], digits(slots[1] + ARGV[4]), 'PX', digits(lasts / 1000))
end
redis.call('HSET', KEYS[2], 'used', used)
if share_due then redis.call('HSET', KEYS[2], share, digits(share_due)) end
return {'slots', epoch, blocked_until, half_used and period, logged, now, unpack(slots)}
"""
)

# ARGV: epoch, slot. A slot of the current period is taken from its count, too; an earlier period's count is too high.
RELEASE = """
local known = redis.call('HMGET', KEYS[2], 'epoch', 'period', 'used')
if known[1] == ARGV[1] and redis.call('LREM', KEYS[1], 1, ARGV[2]) == 1 and tonumber(ARGV[2]) >= tonumber(known[2]) then
  redis.call('HSET', KEYS[2], 'used', known[3] - 1)
end
"""


def constants(**values: int | str | list[int]) -> str:
    """Return Lua that names what does not change, so that it need not travel with each call.

    `length` of the list; the `longest` window; `period_length` and size of a `block` of the request log. Windows, each
    a place in the list and the microseconds that must lie between the slot there and the next one: `for_everybody`;
    `for_lane`; and `for_share`, if after `share_every` microseconds a request of the lane can pass as one of a higher
    lane. `lane_reach` and `share_reach` are how far ahead such slots can be taken, and `share` is the field that holds
    when the next of these passes is due.
    """

    def literal(value: int | str | list[int]) -> str:
        if isinstance(value, list):
            return f"{{{str(value)[1:-1]}}}"
        return f"'{value}'" if isinstance(value, str) else str(value)

    return "".join(f"local {name} = {literal(value)}\n" for name, value in values.items())


# ARGV: epoch, period, how many requests the log has recorded.
LOGGED = """
local known = redis.call('HMGET', KEYS[2], 'epoch', 'period', 'logged')
if known[1] == ARGV[1] and known[2] == ARGV[2] and tonumber(known[3]) < tonumber(ARGV[3]) then
  redis.call('HSET', KEYS[2], 'logged', ARGV[3])
end
"""

# ARGV: now, length of the list, epoch, then pairs: microseconds ago (negative: to come), requests; the newest first.
# The time 0 at the end says that the list is whole even when nothing was sent.
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

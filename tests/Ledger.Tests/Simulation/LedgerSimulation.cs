using Fairlead.Ledger.Holds;

namespace Fairlead.Ledger.Tests.Simulation;

/// <summary>
/// The ledger's arithmetic (<see cref="AccountFunds"/>, <see cref="KeySpend"/>, the real ones) with a simulated database, clock, commits in any order, failing
/// commits, duplicate settlements and crashes, all drawn from one seed: the same seed always takes the same way. After every operation the invariants are
/// checked against sums kept apart; <see cref="InvariantBrokenException"/> says which broke.
/// <code>
/// hold ─ grow ─ settle ──► in flight ──► committed ──► acknowledged
///   └─ release               └─ failed     └─ crash: memory gone, some of what was in flight had been committed
/// </code>
/// </summary>
internal sealed class LedgerSimulation
{
    private const int Accounts = 3;
    private const int KeysPerAccount = 3;
    private const int MostOpen = 40;
    private const long MostInFlight = 30;

    private readonly Random _random;
    private readonly SimulatedDatabase _database;
    private readonly Flaw _flaw;
    private readonly KeyLimit?[] _limits = new KeyLimit?[Accounts * KeysPerAccount];
    private readonly List<(Hold Hold, int Account, int Key, int Generation)> _open = [];
    private readonly List<(Hold Hold, int Account, int Key, int Generation)> _ended = [];
    private readonly List<(SimulatedCharge Charge, Hold Hold)> _inFlight = [];
    private readonly Dictionary<int, long> _acknowledged = [];
    private readonly long[] _held = new long[Accounts];
    private readonly long[] _pending = new long[Accounts];
    private readonly long[] _keyHeld = new long[Accounts * KeysPerAccount];
    private AccountFunds[] _funds = [];
    private KeySpend[] _keys = [];
    private long _nowMs;
    private int _generations;
    private int _last;

    public LedgerSimulation(int seed, Flaw flaw = Flaw.None)
    {
        _random = new Random(seed);
        _database = new SimulatedDatabase(flaw);
        _flaw = flaw;
        _nowMs = 20_000L * 86_400_000 + _random.Next(86_400_000);
        for (var key = 0; key < _limits.Length; key++)
            _limits[key] = key % KeysPerAccount == 0 ? null : new KeyLimit(new(_random.Next(50, 400)), (UsageWindow)_random.Next(4), false);
        for (var account = 0; account < Accounts; account++)
            _database.Post(account, _random.Next(100, 1000));
        Start();
    }

    /// <summary>Crashes so far.</summary>
    public int Crashes { get; private set; }

    /// <summary>Charges acknowledged so far.</summary>
    public int Acknowledged => _acknowledged.Count;

    /// <summary>A number that differs when anything went another way: for comparing two runs of one seed.</summary>
    public long Trace { get; private set; }

    /// <summary>One operation, and the invariants after it.</summary>
    public void Step()
    {
        var draw = _random.Next(1000);
        switch (draw)
        {
            case < 320: TakeHold(); break;
            case < 380: Grow(); break;
            case < 400: Shrink(); break;
            case < 450: Release(); break;
            case < 680: Settle(); break;
            case < 930: Commit(fails: false); break;
            case < 945: Commit(fails: true); break;
            case < 955: SettleAgain(); break;
            case < 980: Post(); break;
            case < 998: MoveClock(); break;
            default: Crash(); break;
        }

        Trace = unchecked((Trace * 31) + draw + _database.Row(_last).Used + _held[_last]);
        Check(_last);
    }

    /// <summary>Everything that must hold over all that was ever committed.</summary>
    public void CheckAll()
    {
        for (var account = 0; account < Accounts; account++)
            Check(account);
        foreach (var (generation, cost) in _acknowledged)
        {
            Ensure(_database.Charges.TryGetValue(generation, out var charged), $"M1: generation {generation} was acknowledged and is not charged");
            Ensure(charged == cost, $"M1: generation {generation} was shown {cost} and charged {charged}");
        }

        var used = Enumerable.Range(0, Accounts).Sum(account => _database.Row(account).Used);
        Ensure(used == _database.Charges.Values.Sum(), $"M2, M3: accounts used {used}, their generations cost {_database.Charges.Values.Sum()}");
        for (var key = 0; key < _limits.Length; key++)
        {
            if (_limits[key] is { } limit)
                CheckWindows(key, limit);
        }
    }

    private int Today => (int)(_nowMs / 86_400_000);

    private void TakeHold()
    {
        var key = _random.Next(_limits.Length);
        var account = _last = key / KeysPerAccount;
        if (_open.Count >= MostOpen)
            return;
        var amount = _random.Next(0, 60);
        var (free, keyFree) = (Free(account), KeyFree(key));
        var outcome = _funds[account].TryHold(null!, _keys[key], new HoldRequest
        {
            GenerationId = "", AccountId = account + 1, KeyId = key + 1, KeyLimit = _limits[key], Amount = new(amount),
        }, Today, _nowMs);
        var allowed = free >= 0 && keyFree >= 0 && amount <= free && amount <= keyFree;
        Ensure(outcome.Granted == allowed, $"M4: a hold of {amount} was {(outcome.Granted ? "granted" : "refused")}; free {free}, of the key {keyFree}");
        if (!outcome.Granted)
            return;
        _open.Add((outcome.Hold, account, key, _generations++));
        AddHeld(account, key, amount);
    }

    private void Grow()
    {
        if (!Pick(_open, out var open))
            return;
        _last = open.Account;
        var by = _random.Next(0, 30);
        var allowed = by <= Free(open.Account) && by <= KeyFree(open.Key);
        Ensure(_funds[open.Account].TryGrow(open.Hold, by, Today) == allowed, $"M4: growing a hold by {by} should have been {(allowed ? "granted" : "refused")}");
        if (allowed)
            AddHeld(open.Account, open.Key, by);
    }

    private void Shrink()
    {
        if (!Pick(_open, out var open))
            return;
        _last = open.Account;
        var by = _random.Next(0, 30);
        AddHeld(open.Account, open.Key, -Math.Min(by, open.Hold.Reserved));
        _funds[open.Account].Shrink(open.Hold, by);
    }

    private void Release()
    {
        if (!Pick(_open, out var open))
            return;
        _last = open.Account;
        AddHeld(open.Account, open.Key, -open.Hold.Reserved);
        Ensure(_funds[open.Account].Release(open.Hold), "an open hold said it had ended");
        Ensure(!_funds[open.Account].Release(open.Hold), "a hold ended twice");
        _open.Remove(open);
        _ended.Add(open);
    }

    private void Settle()
    {
        if (_inFlight.Count >= MostInFlight || !Pick(_open, out var open))
            return;
        _open.Remove(open);
        _ended.Add(open);
        Decide(open, due: _random.Next(0, 90));
    }

    /// <summary>The same request settled once more, as a retry would.</summary>
    private void SettleAgain()
    {
        if (Pick(_ended, out var ended) && _database.Charges.ContainsKey(ended.Generation))
            Decide(ended, due: _random.Next(0, 90));
    }

    private void Decide((Hold Hold, int Account, int Key, int Generation) request, long due)
    {
        var (hold, account, key, generation) = request;
        _last = account;
        var reserved = hold.Reserved;
        var fromHold = Math.Min(due, reserved);
        var expected = fromHold + Math.Min(due - fromHold, Math.Max(0, Math.Min(Free(account), KeyFree(key))));
        var (charged, _, day, _) = _funds[account].Charge(hold, due, 0, Today);
        Ensure(charged == expected, $"M4: {charged} was charged for {due} with {reserved} held; {expected} was there");
        AddHeld(account, key, -reserved);
        _pending[account] += charged;
        _inFlight.Add((new SimulatedCharge(generation, account, key, charged, day), hold));
    }

    /// <summary>Any of those in flight, in any order.</summary>
    private void Commit(bool fails)
    {
        if (!Pick(_inFlight, out var sent))
            return;
        _inFlight.Remove(sent);
        var (charge, hold) = sent;
        _last = charge.Account;
        _pending[charge.Account] -= charge.Charged;
        if (fails)
        {
            hold.Funds.TakeBack(hold.Key, charge.Day, charge.Charged, 0, 0);
            if (_flaw is Flaw.AcknowledgesFailures)
                _acknowledged.TryAdd(charge.Generation, charge.Charged);
            return;
        }

        if (_database.Commit(charge) is { } first)
        {
            hold.Funds.TakeBack(hold.Key, charge.Day, charge.Charged, 0, 0);
            _acknowledged[charge.Generation] = first;
            return;
        }

        hold.Funds.Commit(hold.Key, charge.Charged, 0);
        _acknowledged[charge.Generation] = charge.Charged;
    }

    private void Post()
    {
        var account = _last = _random.Next(Accounts);
        var amount = _random.Next(-80, 120);
        var withdrawal = Math.Max(0, -amount);
        var allowed = withdrawal <= Free(account);
        Ensure(_funds[account].TryReserve(withdrawal) == allowed, $"M4: a withdrawal of {withdrawal} should have been {(allowed ? "granted" : "refused")}");
        if (!allowed)
            return;
        _database.Post(account, amount);
        _funds[account].Load(_database.Row(account));
        _funds[account].Unreserve(withdrawal);
    }

    /// <summary>Forward as time goes, and now and then an hour or a day either way.</summary>
    private void MoveClock() => _nowMs += _random.Next(10) switch
    {
        0 => -3_600_000,
        1 => 3_600_000,
        2 => 86_400_000,
        3 => -86_400_000,
        _ => _random.Next(60_000),
    };

    /// <summary>Killed: memory is gone; of what was in flight, some had reached the database and nobody was told.</summary>
    private void Crash()
    {
        Crashes++;
        foreach (var (charge, _) in _inFlight)
        {
            if (_random.Next(2) == 0)
                _database.Commit(charge);
        }

        _inFlight.Clear();
        _open.Clear();
        _ended.Clear();
        Array.Clear(_held);
        Array.Clear(_pending);
        Array.Clear(_keyHeld);
        Start();
        CheckAll();
    }

    /// <summary>As the ledger fills its memory at a start.</summary>
    private void Start()
    {
        _funds = [.. Enumerable.Range(0, Accounts).Select(static account => new AccountFunds(account + 1))];
        for (var account = 0; account < Accounts; account++)
            _funds[account].Load(_database.Row(account));
        _keys = new KeySpend[_limits.Length];
        for (var key = 0; key < _keys.Length; key++)
        {
            var spend = new KeySpend(key + 1);
            foreach (var (day, usage) in _database.Days(key))
            {
                spend.MoveTo(day);
                spend.Add(day, usage, 0);
            }

            spend.MoveTo(Today);
            _keys[key] = _funds[key / KeysPerAccount].AddKey(spend);
        }
    }

    private long Free(int account) => _database.Row(account).Credited - _database.Row(account).Used - _pending[account] - _held[account];

    private long KeyFree(int key)
    {
        if (_limits[key] is not { } limit)
            return long.MaxValue;
        var today = Math.Max(Today, _keys[key].Day);
        long counted = 0;
        foreach (var (day, usage) in _database.Days(key))
            counted += InWindow(limit.Window, day, today) ? usage : 0;
        foreach (var (charge, _) in _inFlight)
            counted += charge.Key == key && InWindow(limit.Window, charge.Day, today) ? charge.Charged : 0;
        return limit.Amount.PicoDollars - counted - _keyHeld[key];
    }

    private void Check(int account)
    {
        var seen = _funds[account].Snapshot();
        Ensure(seen.Available.PicoDollars == Free(account), $"M3: account {account} shows {seen.Available.PicoDollars} free, its sums give {Free(account)}");
        Ensure(Free(account) >= 0, $"M4: account {account} promised {-Free(account)} more than it has");
        for (var key = account * KeysPerAccount; key < (account + 1) * KeysPerAccount; key++)
            Ensure(KeyFree(key) >= 0, $"M4: key {key} is over its limit by {-KeyFree(key)}");
    }

    /// <summary>Over the whole run: no window of a limited key holds more than the limit.</summary>
    private void CheckWindows(int key, KeyLimit limit)
    {
        foreach (var window in _database.Days(key).GroupBy(day => Window(limit.Window, day.Key)))
        {
            var sum = window.Sum(static day => day.Value);
            Ensure(sum <= limit.Amount.PicoDollars, $"M4: key {key} spent {sum} of {limit.Amount.PicoDollars} in one window ({limit.Window})");
        }
    }

    private static bool InWindow(UsageWindow window, int day, int today) => Window(window, day) == Window(window, today);

    private static int Window(UsageWindow window, int day) => window switch
    {
        UsageWindow.Daily => day,
        UsageWindow.Weekly => (day + 3) / 7,
        UsageWindow.Monthly => DateTime.UnixEpoch.AddDays(day) is var date ? (date.Year * 12) + date.Month : 0,
        _ => 0,
    };

    private void AddHeld(int account, int key, long amount)
    {
        _held[account] += amount;
        _keyHeld[key] += amount;
    }

    private bool Pick<T>(List<T> from, out T picked)
    {
        picked = from.Count == 0 ? default! : from[_random.Next(from.Count)];
        return from.Count > 0;
    }

    private static void Ensure(bool holds, string otherwise)
    {
        if (!holds)
            throw new InvariantBrokenException(otherwise);
    }
}

/// <summary>An invariant was broken; the message says which and how.</summary>
public sealed class InvariantBrokenException(string message) : Exception(message);

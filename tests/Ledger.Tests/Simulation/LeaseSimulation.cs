using Fairlead.Ledger.Holds;
using Fairlead.Ledger.Leases;

namespace Fairlead.Ledger.Tests.Simulation;

/// <summary>
/// Several nodes on one simulated database: the real arithmetic of holds, leases and reservations (<see cref="AccountFunds"/>, <see cref="KeyLease"/>,
/// <see cref="ReservePlan"/>), with messages that come late, twice or never, writes whose outcome a node does not learn, nodes that lose the database and go on with
/// a journal, crash, start again or are given up, and clocks that differ, all drawn from one seed. After every operation the invariants are checked.
/// </summary>
internal sealed class LeaseSimulation
{
    private const int Nodes = 3;
    private const int Accounts = 2;
    private const int KeysPerAccount = 2;
    private const int MostInFlight = 12;

    private readonly Random _random;
    private readonly LeaseFlaw _flaw;
    private readonly SimulatedLeases _database = new(Accounts, KeysPerAccount, Nodes);
    private readonly KeyLimit?[] _limits = new KeyLimit?[Accounts * KeysPerAccount];
    private readonly Node[] _nodes;
    private readonly List<(int To, int Account)> _messages = [];
    private readonly Dictionary<int, long> _acknowledged = [];

    // What a node that had been given up charged less than was shown, and what it charged without asking a key's limit.
    private readonly Dictionary<int, long> _shortened = [];
    private readonly Dictionary<(int Key, int Day), long> _unlimited = [];
    private long _nowMs;
    private int _generations;

    /// <param name="seed">The same takes the same way.</param>
    /// <param name="flaw">A mistake that must be found.</param>
    public LeaseSimulation(int seed, LeaseFlaw flaw = LeaseFlaw.None)
    {
        _random = new(seed);
        _flaw = flaw;
        _nowMs = (20_000L * 86_400_000) + _random.Next(86_400_000);
        for (var key = 0; key < _limits.Length; key++)
            _limits[key] = key % KeysPerAccount == 0 ? null : new KeyLimit(new(_random.Next(100, 600)), (UsageWindow)_random.Next(4), false);
        for (var account = 0; account < Accounts; account++)
            _database.Post(account, _random.Next(300, 2000));
        _nodes = [.. Enumerable.Range(0, Nodes).Select(static number => new Node(number))];
        foreach (var node in _nodes)
            Start(node);
    }

    /// <summary>Crashes, and nodes given up.</summary>
    public int Deaths { get; private set; }

    /// <summary>Charges acknowledged so far.</summary>
    public int Acknowledged => _acknowledged.Count;

    /// <summary>Parts handed back because another node asked.</summary>
    public int HandedBack { get; private set; }

    /// <summary>Charges that went to a journal.</summary>
    public int Journaled { get; private set; }

    /// <summary>A number that differs when anything went another way.</summary>
    public long Trace { get; private set; }

    /// <summary>One operation of one node, and the invariants after it.</summary>
    public void Step()
    {
        var node = _nodes[_random.Next(Nodes)];
        var draw = _random.Next(1000);
        switch (draw)
        {
            case < 330: TakeHold(node); break;
            case < 400: Grow(node); break;
            case < 470: Release(node); break;
            case < 640: Settle(node); break;
            case < 820: Commit(node); break;
            case < 840: SettleJournal(node); break;
            case < 910: DeliverMessage(); break;
            case < 930: HandBack(node, _random.Next(Accounts)); break;
            case < 950: Post(); break;
            case < 980: MoveClock(node); break;
            case < 990: node.Reaches = !node.Reaches; break;
            case < 995: GiveUp(node); break;
            default: Restart(node); break;
        }

        Trace = unchecked((Trace * 31) + draw + node.Number + _database.Trace);
        Check();
    }

    /// <summary>Every node starts once more, so that nothing waits in a journal, and everything is checked.</summary>
    public void Finish()
    {
        foreach (var node in _nodes)
            Restart(node);
        Ensure(_nodes.All(static node => node.Journal.Count == 0), "M1: a journal was not settled");
        CheckAll();
    }

    /// <summary>
    /// Over the whole run: what was acknowledged is charged or waits in a journal, and no window of a limited key holds more than the limit.
    /// </summary>
    private void CheckAll()
    {
        var waiting = _nodes.SelectMany(static node => node.Journal).Select(static kept => kept.Charge.Generation).ToHashSet();
        foreach (var (generation, cost) in _acknowledged)
        {
            var expected = _shortened.GetValueOrDefault(generation, cost);
            Ensure(
                _database.Charges.TryGetValue(generation, out var charged) ? charged == expected : waiting.Contains(generation),
                $"M1: generation {generation} was shown {cost} and is charged {charged}");
        }

        for (var key = 0; key < _limits.Length; key++)
        {
            if (_limits[key] is not { } limit)
                continue;
            foreach (var window in _database.Days(key).GroupBy(day => Window(limit.Window, day.Key)))
            {
                var spent = window.Sum(day => day.Value - _unlimited.GetValueOrDefault((key, day.Key)));
                Ensure(spent <= limit.Amount.PicoDollars, $"M4: key {key} spent {spent} of {limit.Amount} in one window");
            }
        }
    }

    private void TakeHold(Node node)
    {
        var key = _random.Next(_limits.Length);
        var account = key / KeysPerAccount;
        // A node whose lease has ended admits nothing; one that lost the database goes on with what is in hand until then.
        if (!node.Runs || _nowMs >= node.ValidUntil || node.Open.Count > 20)
            return;
        var amount = _random.Next(0, 60);
        if (TryHold(node, key, amount) || !node.Reaches)
            return;
        if (Reserve(node, key, amount) && TryHold(node, key, amount))
            return;
        for (var other = 0; other < Nodes; other++)
        {
            // Late, never, or twice.
            for (var copies = _random.Next(3); copies > 0 && other != node.Number && _messages.Count < 50; copies--)
                _messages.Add((other, account));
        }
    }

    private bool TryHold(Node node, int key, long amount)
    {
        var funds = node.Funds[key / KeysPerAccount];
        var before = funds.InHand;
        var outcome = funds.TryHold(null!, node.Keys[key], new() { GenerationId = "", AccountId = 1, KeyId = key, KeyLimit = _limits[key], Amount = new(amount) }, Today(node), _nowMs);
        if (!outcome.Granted)
            return false;
        Ensure(amount <= before, $"M4: node {node.Number} promised {amount} and had {before} in hand");
        node.Open.Add((outcome.Hold, key, _generations++));
        return true;
    }

    /// <summary>False when the node does not learn what became of it, or may not ask.</summary>
    private bool Reserve(Node node, int key, long amount)
    {
        var account = key / KeysPerAccount;
        var funds = node.Funds[account];
        if (!IsKnown(node, account))
            return false;
        List<KeyAsked> asked = _limits[key] is { } limit ? [funds.Ask(node.Keys[key], limit, Today(node))] : [];
        var want = new Want(node.Keys[key], _limits[key], amount, static () => default);
        var reaches = _random.Next(20) != 0;
        var plan = reaches || _random.Next(2) == 0 ? _database.Reserve(node.Number, node.Run, account, funds.InHand, asked, want) : null;
        if (!reaches || plan is null)
        {
            funds.Doubt();
            return false;
        }

        funds.Grant(plan, asked);
        return true;
    }

    private void HandBack(Node node, int account)
    {
        if (!node.Runs || !node.Reaches)
            return;
        var funds = node.Funds[account];
        if (!IsKnown(node, account))
            return;
        var part = funds.TakeIdle();
        if (part.IsNothing)
            return;
        HandedBack++;
        var reaches = _random.Next(20) != 0;
        if (reaches || _random.Next(2) == 0)
            reaches &= _database.HandBack(node.Number, node.Run, account, part.Amount + (_flaw is LeaseFlaw.HandsBackTooMuch ? _random.Next(2) : 0), part.Keys.Select(static key => ((int)key.Key.KeyId, key.Amount)));
        if (!reaches)
            funds.Doubt();
    }

    private void DeliverMessage()
    {
        if (_messages.Count == 0)
            return;
        var at = _random.Next(_messages.Count);
        var (to, account) = _messages[at];
        _messages.RemoveAt(at);
        HandBack(_nodes[to], account);
    }

    private void Grow(Node node)
    {
        if (Pick(node.Open, out var open))
            open.Hold.Funds.TryGrow(open.Hold, _random.Next(30), Today(node));
    }

    private void Release(Node node)
    {
        if (!Pick(node.Open, out var open))
            return;
        node.Open.Remove(open);
        open.Hold.Funds.Release(open.Hold);
    }

    private void Settle(Node node)
    {
        if (node.InFlight.Count >= MostInFlight || !Pick(node.Open, out var open))
            return;
        node.Open.Remove(open);
        var (charged, ofKeyLease, day, _) = open.Hold.Funds.Charge(open.Hold, _random.Next(90), 0, Today(node));
        node.InFlight.Add((open.Hold, new(open.Generation, open.Key / KeysPerAccount, open.Key, charged, day), ofKeyLease));
    }

    private void Commit(Node node)
    {
        if (!node.Runs || !Pick(node.InFlight, out var sent))
            return;
        node.InFlight.Remove(sent);
        if (node.IsAway && MayKeep(node))
        {
            Keep(node, sent.Hold, sent.Charge, sent.OfKeyLease);
            return;
        }

        var (hold, charge, ofKeyLease) = sent;
        var learns = node.Reaches && _random.Next(20) != 0;
        var wasInDoubt = hold.Funds.InDoubt;
        var committed = (learns || (node.Reaches && _random.Next(2) == 0)) && _database.Commit(node.Number, node.Run, charge, ofKeyLease);
        if (learns && committed)
        {
            hold.Funds.Commit(hold.Key, charge.Charged, ofKeyLease);
            _acknowledged.Add(charge.Generation, charge.Charged);
            return;
        }

        if (!learns && MayKeep(node))
        {
            Keep(node, hold, charge, ofKeyLease);
            return;
        }

        Ensure(!learns || wasInDoubt || _database.RunOf(node.Number) != node.Run, $"M4: node {node.Number} charged {charge.Charged}, which its lease does not cover");
        hold.Funds.TakeBack(hold.Key, charge.Day, charge.Charged, 0, ofKeyLease);
        hold.Funds.Doubt();
    }

    /// <summary>One node has no journal, and those of the others are full now and then.</summary>
    private bool MayKeep(Node node) => node.Number != 0 && _random.Next(10) != 0;

    private void Keep(Node node, Hold hold, SimulatedCharge charge, long ofKeyLease)
    {
        hold.Funds.Keep();
        node.Journal.Add(new(hold, charge, ofKeyLease));
        node.IsAway = true;
        _acknowledged.Add(charge.Generation, charge.Charged);
        Journaled++;
    }

    /// <summary>A running node that reaches the database again settles what it kept; it may lose it again on the way, or not be able to empty the file.</summary>
    private void SettleJournal(Node node)
    {
        if (!node.Runs || !node.Reaches || !node.IsAway)
            return;
        foreach (var kept in node.Journal.Where(static kept => !kept.IsSettled))
        {
            var isThere = _database.Charges.ContainsKey(kept.Charge.Generation);
            var (learns, does) = (_random.Next(10) != 0, _random.Next(2) == 0);
            var committed = !isThere && (learns || does) && _database.Commit(node.Number, node.Run, kept.Charge, kept.OfKeyLease);
            if (!learns)
                return;
            if (!isThere && !committed)
            {
                Ensure(_database.RunOf(node.Number) != node.Run, $"M4: node {node.Number} kept {kept.Charge.Charged}, which its lease does not cover");
                Stop(node);
                return;
            }

            kept.IsSettled = true;
            var (funds, key) = (kept.Hold.Funds, kept.Hold.Key);
            if (isThere && _flaw is LeaseFlaw.TakesBackWhatWasKept)
                funds.TakeBack(key, kept.Charge.Day, kept.Charge.Charged, 0, kept.OfKeyLease);
            else
                funds.CommitKept(key, kept.Charge.Charged, kept.OfKeyLease, isCertain: !isThere);
        }

        node.IsAway = false;
        if (_random.Next(4) != 0)
            node.Journal.Clear();
    }

    /// <summary>A start settles what the disk holds from the first entry on, whatever was settled of it before; it may be killed while it does.</summary>
    private void SettleLeftJournal(Node node)
    {
        while (_random.Next(4) == 0)
            node.Journal.Take(_random.Next(node.Journal.Count + 1)).ToList().ForEach(kept => SettleLeft(node, kept));
        node.Journal.ForEach(kept => SettleLeft(node, kept));
        node.Journal.Clear();
        node.WasGivenUp = false;
    }

    private void SettleLeft(Node node, Kept kept)
    {
        var charge = kept.Charge;
        if (_database.Charges.ContainsKey(charge.Generation) || _database.Commit(node.Number, node.Run, charge, kept.OfKeyLease))
            return;
        Ensure(node.WasGivenUp, $"M1: node {node.Number} kept {charge.Charged}, which nothing covers at its start");
        var covered = _database.Cover(node.Number, charge, kept.OfKeyLease);
        _shortened[charge.Generation] = covered;
        _unlimited[(charge.Key, charge.Day)] = _unlimited.GetValueOrDefault((charge.Key, charge.Day)) + covered;
        Ensure(_database.Commit(node.Number, node.Run, charge with { Charged = covered }, kept.OfKeyLease), "M1: a charge that was covered is refused");
    }

    /// <summary>Compares memory with the rows where they may differ. While charges of the account are in the journal that has to wait, and so does what asked for it.</summary>
    private bool IsKnown(Node node, int account)
    {
        var funds = node.Funds[account];
        if (!funds.InDoubt)
            return true;
        if (funds.HasKept || _database.RunOf(node.Number) != node.Run)
            return false;
        var (reserved, keys) = _database.Leases(node.Number, account);
        funds.SetReserved(reserved, keys);
        return true;
    }

    private void Post()
    {
        var account = _random.Next(Accounts);
        _database.Post(account, _random.Next(-150, 150));
    }

    /// <summary>Time goes by; a node that reaches the database renews, and its own clock jumps now and then.</summary>
    private void MoveClock(Node node)
    {
        _nowMs += _random.Next(3000);
        node.ClockSkewMs = _random.Next(30) == 0 ? _random.Next(-86_400_000, 86_400_000) : node.ClockSkewMs;
        foreach (var one in _nodes)
        {
            if (one.Runs && one.Reaches && _database.RunOf(one.Number) == one.Run)
                one.ValidUntil = _nowMs + 5000;
            else if (one.Runs && one.Reaches)
                Stop(one);
        }
    }

    /// <summary>The operator gives a node up whose lease has ended: it may still run, without the database.</summary>
    private void GiveUp(Node node)
    {
        if (node.Reaches && node.Runs || _nowMs < node.ValidUntil + 1000)
            return;
        _database.Free(node.Number);
        _database.SetRun(node.Number, 0);
        node.WasGivenUp = true;
        Deaths++;
    }

    /// <summary>Killed, whatever it was doing, and started again some time.</summary>
    private void Restart(Node node)
    {
        foreach (var (_, charge, ofKeyLease) in node.InFlight)
        {
            if (node.Runs && node.Reaches && _random.Next(2) == 0)
                _database.Commit(node.Number, node.Run, charge, ofKeyLease);
        }

        Deaths++;
        Start(node);
        CheckAll();
    }

    private static void Stop(Node node)
    {
        node.Runs = false;
        node.IsAway = false;
        node.Open.Clear();
        node.InFlight.Clear();
    }

    private void Start(Node node)
    {
        Stop(node);
        (node.Runs, node.Reaches) = (true, true);
        node.Run = _database.SetRun(node.Number, _generations + (node.Number * 1_000_000_000) + 1 + Deaths);
        if (_flaw is LeaseFlaw.FreesBeforeItSettles)
            _database.Free(node.Number);
        SettleLeftJournal(node);
        _database.Free(node.Number);
        node.ValidUntil = _nowMs + 5000;
        node.Funds = [.. Enumerable.Range(0, Accounts).Select(static account => new AccountFunds(account + 1, leased: true))];
        node.Keys = new KeySpend[_limits.Length];
        for (var key = 0; key < _limits.Length; key++)
        {
            var spend = new KeySpend(key);
            foreach (var (day, usage) in _database.Days(key))
            {
                spend.MoveTo(day);
                spend.Add(day, usage, 0);
            }

            spend.MoveTo(Today(node));
            node.Keys[key] = node.Funds[key / KeysPerAccount].AddKey(spend);
        }
    }

    private void Check()
    {
        for (var account = 0; account < Accounts; account++)
        {
            _database.Check(account);
            foreach (var node in _nodes)
            {
                if (!node.Runs || node.Funds[account].InDoubt || _database.RunOf(node.Number) != node.Run)
                    continue;
                var seen = node.Funds[account].Snapshot();
                var promised = seen.Held.PicoDollars + seen.Pending.PicoDollars + node.Funds[account].InHand;
                var (reserved, _) = _database.Leases(node.Number, account);
                // Drawn by a commit of which the node knows only that it was lost: it stays pending until the journal is settled.
                promised -= node.Journal.Where(kept => !kept.IsSettled && kept.Charge.Account == account && _database.Charges.ContainsKey(kept.Charge.Generation))
                    .Sum(static kept => kept.Charge.Charged);
                Ensure(promised <= reserved, $"M4: node {node.Number} has {promised} of account {account} in mind and {reserved} reserved");
            }
        }

        for (var key = 0; key < _limits.Length; key++)
        {
            if (_limits[key] is { } limit)
                Ensure(_database.ReservedOf(key) <= limit.Amount.PicoDollars, $"M4: more of key {key} is reserved than its limit allows");
        }
    }

    private int Today(Node node) => (int)((_nowMs + node.ClockSkewMs) / 86_400_000);

    private static int Window(UsageWindow window, int day) => window switch
    {
        UsageWindow.Daily => day,
        UsageWindow.Weekly => (day + 3) / 7,
        UsageWindow.Monthly => DateTime.UnixEpoch.AddDays(day) is var date ? (date.Year * 12) + date.Month : 0,
        _ => 0,
    };

    private bool Pick<T>(List<T> from, out T picked)
    {
        picked = from.Count == 0 ? default! : from[_random.Next(from.Count)];
        return from.Count > 0;
    }

    internal static void Ensure(bool holds, string otherwise)
    {
        if (!holds)
            throw new InvariantBrokenException(otherwise);
    }

    /// <summary>A node's memory, and what it believes.</summary>
    private sealed class Node(int number)
    {
        public int Number { get; } = number;
        public long Run { get; set; }
        public bool Runs { get; set; }
        public bool Reaches { get; set; }
        public long ValidUntil { get; set; }
        public long ClockSkewMs { get; set; }
        public AccountFunds[] Funds { get; set; } = [];
        public KeySpend[] Keys { get; set; } = [];
        public List<(Hold Hold, int Key, int Generation)> Open { get; } = [];
        public List<(Hold Hold, SimulatedCharge Charge, long OfKeyLease)> InFlight { get; } = [];
        public bool IsAway { get; set; }

        /// <summary>On its disk: a crash leaves it.</summary>
        public List<Kept> Journal { get; } = [];

        public bool WasGivenUp { get; set; }
    }

    /// <summary>A charge in a journal, and whether the node that kept it knows that it is settled.</summary>
    private sealed class Kept(Hold hold, SimulatedCharge charge, long ofKeyLease)
    {
        public Hold Hold { get; } = hold;
        public SimulatedCharge Charge { get; } = charge;
        public long OfKeyLease { get; } = ofKeyLease;
        public bool IsSettled { get; set; }
    }
}

/// <summary>A mistake to build into the simulated nodes, to see that the simulation finds it.</summary>
public enum LeaseFlaw
{
    /// <summary>None.</summary>
    None,
    /// <summary>Nodes hand back what they still promise.</summary>
    HandsBackTooMuch,
    /// <summary>A start frees what the last run had reserved, and then settles the journal.</summary>
    FreesBeforeItSettles,
    /// <summary>A charge of the journal that the database knows already is taken for one that never happened.</summary>
    TakesBackWhatWasKept,
}

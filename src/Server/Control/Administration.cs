using System.Globalization;
using System.Text;
using Fairlead.Accounts;
using Fairlead.Accounts.Keys;
using Fairlead.Accounts.Settings;
using Fairlead.Inference.Explain;
using Fairlead.Ledger;
using Fairlead.Ledger.Leases;
using Fairlead.Ledger.Postings;
using Fairlead.Ledger.Verification;
using Fairlead.Server.Commands;

namespace Fairlead.Server.Control;

/// <summary>Carries out what an operator asks for, in the process that has the database open: the server, or a command that found no server.</summary>
internal sealed class Administration(
    AccountStore accounts, KeyStore keys, CreditLedger ledger, LedgerVerifier verifier, AccountSettingsIndex settings, RouteExplainer? explainer = null)
{
    private const int PageSize = 500;
    private const string NoAccount = "There is no account yet: start the server once.";

    /// <summary>Does it.</summary>
    public Task<AdminAnswer> RunAsync(AdminCommand command, CancellationToken cancellationToken) => command switch
    {
        CreateKey create => CreateKeyAsync(create, cancellationToken),
        ListKeys => ListKeysAsync(cancellationToken),
        DisableKey disable => DisableKeyAsync(disable, cancellationToken),
        AddCredits add => AddCreditsAsync(add, cancellationToken),
        ReleaseNode release => ReleaseNodeAsync(release, cancellationToken),
        VerifyLedger => Task.Run(Verify, cancellationToken), // Reads everything there is: not on a thread that requests wait for.
        ExplainRoute explain when explainer is not null => ExplainAsync(explain, explainer, cancellationToken),
        _ => Task.FromResult(AdminAnswer.Refused(ExitCode.Usage, "This command is not known.")),
    };

    private async Task<AdminAnswer> CreateKeyAsync(CreateKey create, CancellationToken cancellationToken)
    {
        if (await accounts.FindFirstAsync(cancellationToken) is not { } account)
            return AdminAnswer.Refused(ExitCode.Wrong, NoAccount);
        var made = await keys.CreateAsync(
            new NewKey
            {
                AccountId = account.Id,
                Name = create.Name,
                IsProvisioning = create.Provisioning,
                Limit = create.LimitUsd is { } limit ? Credits.Exact(limit) : null,
                Reset = Reset(create.Reset),
                RateLimits = new(create.Rpm, create.Tpm, create.Concurrency),
            },
            cancellationToken);
        return AdminAnswer.Done(made.Secret, $"hash {made.Key.Hash}", "The key is shown this once; keep it.");
    }

    private async Task<AdminAnswer> ListKeysAsync(CancellationToken cancellationToken)
    {
        var lines = new List<string> { Columns("HASH", "NAME", "KEY", "LIMIT", "USED", "STATE") };
        foreach (var key in await AllKeysAsync(cancellationToken))
        {
            var limit = key.Limit is { } most ? most + (key.Reset == LimitReset.None ? "" : " " + key.Reset.ToString().ToLowerInvariant()) : "none";
            var state = (key.Disabled ? "disabled" : "enabled") + (key.IsProvisioning ? ", provisioning" : "");
            lines.Add(Columns(key.Hash, Short(key.Name), key.Label, limit, (await ledger.UsageAsync(key.AccountId, key.Id)).Total.ToString(), state));
        }

        return AdminAnswer.Done(lines);
    }

    private async Task<AdminAnswer> DisableKeyAsync(DisableKey disable, CancellationToken cancellationToken)
    {
        var meant = (await AllKeysAsync(cancellationToken)).Where(key => key.Hash.StartsWith(disable.Hash, StringComparison.Ordinal)).Take(2).ToList();
        if (meant is [])
            return AdminAnswer.Refused(ExitCode.Wrong, $"No key has a hash that begins with {disable.Hash}; \"fairlead keys list\" shows them.");
        if (meant is [_, _])
            return AdminAnswer.Refused(ExitCode.Wrong, $"More than one key has a hash that begins with {disable.Hash}; give more digits.");
        if (!meant[0].Disabled)
            await keys.ChangeAsync(meant[0].Hash, new() { Disabled = true }, cancellationToken);
        return AdminAnswer.Done($"{meant[0].Label} ({meant[0].Name}) is disabled.");
    }

    private async Task<AdminAnswer> AddCreditsAsync(AddCredits add, CancellationToken cancellationToken)
    {
        var account = add.Account is not { } named ? await accounts.FindFirstAsync(cancellationToken)
            : long.TryParse(named, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? await accounts.FindAsync(id, cancellationToken)
            : await accounts.FindAsync(named, cancellationToken);
        if (account is null)
            return AdminAnswer.Refused(ExitCode.Wrong, add.Account is null ? NoAccount : $"There is no account {add.Account}.");
        var outcome = await ledger.PostAsync(
            new Posting
            {
                AccountId = account.Id,
                Kind = PostingKind.Adjustment,
                Amount = Credits.Exact(add.AmountUsd),
                IdempotencyKey = add.Posting,
                Actor = "cli",
                Note = add.Note,
            },
            cancellationToken);
        return outcome.Result switch
        {
            PostingResult.Posted or PostingResult.AlreadyPosted => AdminAnswer.Done($"Account {account.Id} ({account.Name}) has {outcome.Balance} USD."),
            PostingResult.InsufficientBalance => AdminAnswer.Refused(
                ExitCode.Wrong, $"Account {account.Id} has {outcome.Balance} USD, less what requests in flight hold: not enough to take that back."),
            PostingResult.TooLarge => AdminAnswer.Refused(ExitCode.Wrong, "An account holds at most 9.2 million US dollars."),
            _ => AdminAnswer.Refused(ExitCode.Wrong, "This posting was made before with another amount."),
        };
    }

    private async Task<AdminAnswer> ExplainAsync(ExplainRoute explain, RouteExplainer routes, CancellationToken cancellationToken)
    {
        // Without an account the defaults hold, as they do for a new one.
        var account = await accounts.FindFirstAsync(cancellationToken);
        await settings.RefreshAsync(cancellationToken);
        var (lines, error) = routes.Explain(Encoding.UTF8.GetBytes(explain.Body), account?.Id ?? 0);
        return error is null ? AdminAnswer.Done(lines) : AdminAnswer.Refused(ExitCode.Wrong, error);
    }

    private async Task<AdminAnswer> ReleaseNodeAsync(ReleaseNode release, CancellationToken cancellationToken)
    {
        var outcome = await ledger.ReleaseNodeAsync(release.Node, cancellationToken);
        return outcome.Result switch
        {
            NodeReleaseResult.Released => AdminAnswer.Done(
                $"Node {release.Node} is given up: {outcome.Requests} requests in flight are recorded as cancelled, {outcome.Freed} USD are free again."),
            NodeReleaseResult.Runs => AdminAnswer.Refused(
                ExitCode.Wrong, $"Node {release.Node} runs{(outcome.Host.Length > 0 ? $" on {outcome.Host}" : "")}: stop it, and it gives up what it has by itself."),
            NodeReleaseResult.Unknown => AdminAnswer.Refused(ExitCode.Wrong, $"There is no node {release.Node}; the file node-id in its data folder holds its name."),
            _ => AdminAnswer.Refused(ExitCode.Wrong, "An SQLite file has one node, which gives up what it left when it starts again."),
        };
    }

    private AdminAnswer Verify()
    {
        using var lines = new StringWriter(CultureInfo.InvariantCulture);
        var holds = verifier.Verify(lines);
        var output = lines.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        return holds ? AdminAnswer.Done(output) : new AdminAnswer(ExitCode.Wrong, output, "The ledger is broken; the lines above name where.");
    }

    private async Task<IReadOnlyList<ApiKey>> AllKeysAsync(CancellationToken cancellationToken)
    {
        var all = new List<ApiKey>();
        if (await accounts.FindFirstAsync(cancellationToken) is not { } account)
            return all;
        foreach (var provisioning in (bool[])[false, true])
        {
            IReadOnlyList<ApiKey> page;
            var offset = 0;
            do
            {
                page = await keys.ListAsync(account.Id, provisioning, includeDisabled: true, offset, PageSize, cancellationToken);
                all.AddRange(page);
                offset += page.Count;
            }
            while (page.Count == PageSize);
        }

        return all;
    }

    private static LimitReset Reset(string? word) => word switch
    {
        "daily" => LimitReset.Daily,
        "weekly" => LimitReset.Weekly,
        "monthly" => LimitReset.Monthly,
        _ => LimitReset.None,
    };

    private static string Columns(string hash, string name, string key, string limit, string used, string state) =>
        $"{hash,-64}  {name,-24}  {key,-19}  {limit,-14}  {used,-16}  {state}";

    private static string Short(string name) => name.Length <= 24 ? name : name[..23] + "…";
}

using Fairlead.Accounts.Settings;
using Fairlead.Catalog.Configuration;
using Fairlead.Catalog.Health;
using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Prepare;
using Fairlead.Inference.Route;
using Fairlead.Protocols.Canonical;
using FsCheck;
using FsCheck.Fluent;
using static Fairlead.Gateway.Tests.Route.Routes;

namespace Fairlead.Gateway.Tests.Route;

/// <summary>One random request against a random catalog in random health.</summary>
public sealed record RouteCase(
    Model[] Models, HealthSnapshot Health, ProviderPreferences Wish, AccountSettings Account, ParameterSet Used, int Prompt, int? MaxTokens, string? StickyTo, ulong Seed)
{
    internal CanonicalRequest Request => Routes.Request(r => r with
    {
        Provider = Wish,
        Used = Used,
        MaxTokens = MaxTokens,
        Content = r.Content with { PromptTokens = Prompt, Tools = (Used & ParameterSet.Tools) == ParameterSet.None ? 0 : 1 },
    });

    internal RouteQuery Query()
    {
        var sorts = new SortChoice(Request, Account, ExactoOptions.Default);
        return Routes.Query(
            Request, Health, [.. Models.Select(model => new RequestedModel(model, sorts.For(variant: null)))], Account,
            StickyTo is null ? null : new StickyEndpoint(StickyTo, Prompt / 2));
    }

    internal RoutePlan Plan() => RoutePlanner.Plan(Query(), Seed);

    /// <summary>Tools and other parameters choose among what is left; the same without them.</summary>
    public RouteCase WithoutSoftRules() => this with { Used = ParameterSet.None, Wish = Wish with { AllowFallbacks = true } };

    /// <summary>The hard filters, written a second time from the contract's text.</summary>
    public bool Excludes(ModelEndpoint endpoint, Model model, EndpointHealth health)
    {
        bool Named(IEnumerable<string> names) => names.Any(name => name == endpoint.Tag || name == endpoint.Provider.Slug);
        return (Wish.Only.Count > 0 && !Named(Wish.Only)) || Named(Wish.Ignore) || Named(Account.IgnoredProviders)
            || (Account.AllowedProviders.Count > 0 && !Named(Account.AllowedProviders))
            || ((Wish.Zdr || Account.Zdr) && !endpoint.Zdr)
            || (Wish.DenyDataCollection && (endpoint.DataPolicy?.Training ?? true))
            || (Wish.Quantizations.Count > 0 && !Wish.Quantizations.Contains(endpoint.Quantization ?? "unknown"))
            || (Wish.MaxPrice?.Prompt is { } most && endpoint.Pricing.Prompt * 1_000_000m > most)
            || (Wish.MinThroughput is { } least && health.Throughput5m.Samples >= 5 && health.Throughput5m.P50 < least)
            || (MaxTokens > endpoint.MaxCompletionTokens)
            || (Prompt * 0.94 > endpoint.ContextLength)
            || (Wish.RequireParameters && (Used & ~endpoint.Parameters) != ParameterSet.None)
            || (Wish.EnforceDistillableText && model.IsTrainableText != true);
    }
}

/// <summary>Generators of <see cref="RouteCase"/>.</summary>
internal static class RouteCases
{
    private static readonly string[] Providers = ["one", "two", "three", "four", "five"];

    private static readonly Gen<string[]> Names =
        Gen.Frequency((3, Gen.Constant(Array.Empty<string>())), (1, Gen.Elements(["one", "two", "three/fp8", "four", "nobody", "five/turbo"]).NonEmptyListOf().Select(list => list.Take(3).ToArray())));

    private static readonly Gen<EndpointHealth> Healths =
        from n in Gen.Choose(0, 1000).ArrayOf(8)
        select n[0] < 400 ? EndpointHealth.Unknown : new EndpointHealth
        {
            Outage = n[0] > 850,
            Circuit = n[1] > 900 ? CircuitState.Open : n[1] > 850 ? CircuitState.HalfOpen : CircuitState.Closed,
            RestUntilMs = n[2] > 900 ? NowMs + 1000 : 0,
            Uptime5m = new Uptime(n[3], n[3] * (n[4] % 30) / 100),
            Throughput5m = new Percentiles(n[5] % 20, n[6] + 1, n[6], n[6], n[6]),
            FirstToken5m = new Percentiles(n[5] % 20, n[7] + 1, n[7] + 2, n[7] + 3, n[7] + 4),
            Throughput30m = new Percentiles(n[5], n[6] + 1, n[6], n[6], n[6]),
            ToolAnswers = n[3],
            ToolErrors = n[3] * (n[4] % 40) / 100,
        };

    private static Gen<Model> ModelOf(string id) =>
        from count in Gen.Choose(0, 7)
        from seeds in Gen.Choose(0, int.MaxValue).ArrayOf(count)
        from trainable in Gen.Elements<bool?>(null, false, true)
        select Model(id, [.. seeds.Select((n, i) => EndpointFrom(id, n, i))]) with { IsTrainableText = trainable };

    private static ModelEndpoint EndpointFrom(string model, int n, int place)
    {
        var provider = Providers[n % Providers.Length];
        return Endpoint(provider, n % 7 == 0 ? 0 : (n / 7 % 100) / 10m, draft =>
        {
            draft.Model = model;
            draft.Tag = (n / 11 % 3) switch { 0 => provider, 1 => provider + "/fp8", _ => provider + "/v" + place };
            draft.Quantization = (n / 13 % 3) switch { 0 => null, 1 => "fp8", _ => "bf16" };
            draft.Context = (n / 17 % 3) switch { 0 => 1000, 1 => 32_000, _ => 200_000 };
            draft.MaxCompletion = (n / 19 % 3) switch { 0 => null, 1 => 500, _ => 8000 };
            draft.Policy = (n / 23 % 3) switch { 0 => null, 1 => new(false, false, 0, false), _ => new(true, true, null, true) };
            draft.Zdr = n / 29 % 2 == 0;
            draft.Parameters |= n / 31 % 2 == 0 ? ParameterSet.Tools : ParameterSet.None;
            draft.CacheRead = n / 37 % 2 == 0 ? 0 : null;
        });
    }

    private static readonly Gen<ProviderPreferences> Wishes =
        from lists in Names.ArrayOf(3)
        from n in Gen.Choose(0, 1000).ArrayOf(12)
        select new ProviderPreferences
        {
            Order = lists[0],
            Only = lists[1],
            Ignore = lists[2],
            AllowFallbacks = n[0] < 800,
            RequireParameters = n[1] > 800,
            DenyDataCollection = n[2] > 800,
            Zdr = n[3] > 800,
            EnforceDistillableText = n[4] > 900,
            Quantizations = n[5] > 800 ? ["fp8"] : n[5] > 700 ? ["unknown", "bf16"] : [],
            Sort = n[6] < 600 ? null : n[6] < 700 ? "price" : n[6] < 800 ? "throughput" : n[6] < 900 ? "latency" : "exacto",
            SortPartition = n[7] > 700 ? "none" : null,
            MaxPrice = n[8] > 700 ? new MaxPrice(n[8] / 200m, null, null, null) : null,
            MinThroughput = n[9] > 800 ? n[9] / 2 : null,
            PreferredMinThroughput = n[10] > 700 ? new Cutoffs(n[10] / 2) : null,
            PreferredMaxLatency = n[11] > 700 ? new Cutoffs(null, P90: n[11] / 2000.0) : null,
        };

    private static readonly Gen<AccountSettings> Accounts =
        from lists in Names.ArrayOf(2)
        from n in Gen.Choose(0, 9)
        select n < 6 ? AccountSettings.Default : new AccountSettings { AllowedProviders = lists[0], IgnoredProviders = lists[1], Zdr = n == 9 };

    /// <summary>Everything at once.</summary>
    public static readonly Gen<RouteCase> Any =
        from first in ModelOf("a/m")
        from second in ModelOf("b/n")
        from both in Gen.Elements(true, false)
        from healths in Healths.ArrayOf(14)
        from wish in Wishes
        from account in Accounts
        from n in Gen.Choose(0, int.MaxValue).ArrayOf(4)
        select Build(both ? [first, second] : [first], healths, wish, account, n);

    private static RouteCase Build(Model[] models, EndpointHealth[] healths, ProviderPreferences wish, AccountSettings account, int[] n)
    {
        var endpoints = models.SelectMany(model => model.LiveEndpoints).ToList();
        var known = endpoints.Zip(healths, (endpoint, health) => (endpoint.Id, health)).DistinctBy(one => one.Id).ToArray();
        return new RouteCase(
            models, Routes.Health(known), wish, account,
            (n[0] % 3) switch { 0 => ParameterSet.None, 1 => ParameterSet.Temperature, _ => ParameterSet.Tools | ParameterSet.Temperature },
            n[1] % 50_000, (n[1] / 7 % 2) == 0 ? null : n[1] % 9000 + 1,
            endpoints.Count > 0 && n[2] % 2 == 0 ? endpoints[n[2] % endpoints.Count].Id : null, (ulong)n[3]);
    }

    /// <summary>Ways to ask for less.</summary>
    public static readonly Gen<Func<ProviderPreferences, ProviderPreferences>> Narrowings = Gen.Elements<Func<ProviderPreferences, ProviderPreferences>>(
        wish => wish with { Only = wish.Only.Count == 0 ? ["one", "four"] : [.. wish.Only.Take(1)] },
        wish => wish with { Ignore = [.. wish.Ignore, "two"] },
        wish => wish with { Zdr = true },
        wish => wish with { DenyDataCollection = true },
        wish => wish with { Quantizations = wish.Quantizations.Count == 0 ? ["fp8"] : [.. wish.Quantizations.Take(1)] },
        wish => wish with { MaxPrice = new MaxPrice(Math.Min(wish.MaxPrice?.Prompt ?? 3, 2), 4, null, null) },
        wish => wish with { MinThroughput = Math.Max(wish.MinThroughput ?? 0, 600) },
        wish => wish with { MaxLatency = 0.4 },
        wish => wish with { EnforceDistillableText = true },
        wish => wish with { RequireParameters = true });
}

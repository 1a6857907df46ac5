using Fairlead.Accounts.Settings;
using Fairlead.Catalog.Snapshot;

namespace Fairlead.Console.Models;

/// <summary>Which listed models pass a query, and in which order.</summary>
internal static class ModelSelection
{
    private const decimal Million = 1_000_000;

    // Member states of the European Union, ISO 3166-1 alpha-2.
    private static readonly HashSet<string> EuropeanUnion = new(StringComparer.OrdinalIgnoreCase)
    {
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO",
        "SE", "SI", "SK",
    };

    /// <summary>With an <paramref name="account"/>, only models of which its settings leave it an endpoint.</summary>
    public static IReadOnlyList<Model> Select(CatalogSnapshot catalog, ModelQuery query, DateTimeOffset now, AccountSettings? account = null)
    {
        if (query.AsksForUnknownData)
            return [];
        Model[] passed = [.. catalog.Listed.Where(model => Passes(catalog, model, query, now)
            && (account is null || CallerReach.Reaches(catalog, account, model)))];
        return query.Sort switch
        {
            "pricing-low-to-high" => [.. passed.OrderBy(model => Price(catalog, model) ?? decimal.MaxValue)],
            "pricing-high-to-low" => [.. passed.OrderByDescending(model => Price(catalog, model) ?? decimal.MinValue)],
            "context-high-to-low" => [.. passed.OrderByDescending(model => model.ContextLength ?? -1)],
            // The others sort by figures the catalog has for no model: all are equal, and the order stays newest first.
            _ => passed,
        };
    }

    private static bool Passes(CatalogSnapshot catalog, Model model, ModelQuery query, DateTimeOffset now) =>
        (query.OutputModalities.Count == 0 || query.OutputModalities.Any(one => Has(model.Architecture.OutputModalities, one)))
        && query.InputModalities.All(one => Has(model.Architecture.InputModalities, one))
        && query.SupportedParameters.All(one => Has(model.SupportedParameters, one))
        && query.Words.All(word => model.Id.Contains(word, StringComparison.OrdinalIgnoreCase) || model.Name.Contains(word, StringComparison.OrdinalIgnoreCase))
        && (query.Families.Count == 0 || query.Families.Any(one => model.Architecture.Tokenizer?.StartsWith(one, StringComparison.OrdinalIgnoreCase) == true))
        && (query.Authors.Count == 0 || query.Authors.Any(author => IsBy(model, author)))
        && (query.Distillable is not { } distillable || (model.IsTrainableText == true) == distillable)
        && (query.MinContext is null || model.ContextLength >= query.MinContext)
        && Within(query.AgeDays, (long)(now - DateTimeOffset.FromUnixTimeSeconds(model.Created)).TotalDays)
        && PricesPass(catalog, model, query)
        && EndpointsPass(catalog, model, query);

    private static bool PricesPass(CatalogSnapshot catalog, Model model, ModelQuery query)
    {
        if (query.PromptPrice == default && query.CompletionPrice == default)
            return true;
        return ModelMapping.Prices(catalog, model) is { } prices
            && Within(query.PromptPrice, prices.Prompt * Million)
            && Within(query.CompletionPrice, prices.Completion * Million);
    }

    private static bool EndpointsPass(CatalogSnapshot catalog, Model model, ModelQuery query)
    {
        if (query is { Providers.Count: 0, Region: null, Zdr: false })
            return true;
        return ModelMapping.Visible(catalog, model).Any(endpoint =>
            (query.Providers.Count == 0 || Has(query.Providers, endpoint.Provider.Name) || Has(query.Providers, endpoint.Provider.Slug))
            && (query.Region is null || IsIn(query.Region, endpoint.Provider))
            && (!query.Zdr || endpoint.Zdr));
    }

    private static bool IsIn(string region, Provider provider) => (provider.Datacenters ?? []).Any(country => region switch
    {
        "eu" => EuropeanUnion.Contains(country),
        _ => country.Equals("US", StringComparison.OrdinalIgnoreCase),
    });

    private static decimal? Price(CatalogSnapshot catalog, Model model) =>
        ModelMapping.Prices(catalog, model) is { } prices ? (prices.Prompt + prices.Completion) / 2 : null;

    private static bool IsBy(Model model, string author) =>
        model.Id.Length > author.Length && model.Id[author.Length] == '/' && model.Id.StartsWith(author, StringComparison.OrdinalIgnoreCase);

    private static bool Has(IReadOnlyList<string> list, string one) => list.Contains(one, StringComparer.OrdinalIgnoreCase);

    private static bool Within<T>((T? Min, T? Max) range, T value)
        where T : struct, IComparable<T> =>
        (range.Min is not { } min || value.CompareTo(min) >= 0) && (range.Max is not { } max || value.CompareTo(max) <= 0);
}

namespace Fairlead.Inference.Route;

/// <summary>
/// Why an endpoint is not a candidate. The order is the order in which filters are applied and reported (routing R-16); values are stored with
/// decisions, so they only grow at the end.
/// </summary>
internal enum RouteFilter : byte
{
    /// <summary>Kept.</summary>
    None = 0,
    /// <summary>A service tier (<c>…/priority</c>, <c>…/flex</c>) nobody asked for, or not the one asked for (routing §15).</summary>
    ServiceTier = 1,
    /// <summary><c>data_collection: "deny"</c></summary>
    DataCollection = 2,
    /// <summary>The account does not allow training on its prompts.</summary>
    Training = 3,
    /// <summary>Zero data retention, asked for by the request or the account.</summary>
    Zdr = 4,
    /// <summary><c>enforce_distillable_text</c></summary>
    Distillation = 5,
    /// <summary>Not among the account's allowed providers.</summary>
    AllowedProviders = 6,
    /// <summary><c>only</c></summary>
    Only = 7,
    /// <summary><c>ignore</c>, or the account's ignored providers.</summary>
    Ignored = 8,
    /// <summary><c>quantizations</c></summary>
    Quantization = 9,
    /// <summary><c>max_price</c></summary>
    Price = 10,
    /// <summary><c>min_throughput</c></summary>
    Throughput = 11,
    /// <summary><c>max_latency</c></summary>
    Latency = 12,
    /// <summary>Images, audio, video or files the endpoint does not read.</summary>
    InputModality = 13,
    /// <summary><c>modalities</c></summary>
    OutputModality = 14,
    /// <summary>More output asked than the endpoint can write.</summary>
    OutputLength = 15,
    /// <summary>Prompt and output do not fit.</summary>
    ContextLength = 16,
    /// <summary>Tools or a tool choice the endpoint lacks.</summary>
    Tools = 17,
    /// <summary>A parameter the endpoint lacks, under <c>require_parameters</c>.</summary>
    Parameters = 18,
    /// <summary>A response format or verbosity that other endpoints of the model have.</summary>
    SoftParameters = 19,
    /// <summary>Kept by every filter, but fallbacks are off and another endpoint comes first.</summary>
    NoFallback = 20,
}

/// <summary>The words of filters on the wire.</summary>
internal static class RouteFilters
{
    /// <summary>One more than the last.</summary>
    public const int Count = (int)RouteFilter.NoFallback + 1;

    private static readonly string[] Names =
    [
        "kept", "service_tier", "data_collection", "training", "zdr", "enforce_distillable_text", "allowed_providers", "only", "ignore", "quantizations",
        "max_price", "min_throughput", "max_latency", "input_modality", "output_modality", "output_length", "context_length", "tools",
        "require_parameters", "parameters", "allow_fallbacks",
    ];

    /// <summary>The step's name in error metadata and explanations.</summary>
    public static string Name(RouteFilter filter) => Names[(int)filter];

    /// <summary>The word of the <c>excluded_by</c> vocabulary (inference §13.4), or null where it has none.</summary>
    public static string? ExcludedBy(RouteFilter filter) => filter switch
    {
        RouteFilter.Zdr => "data_policy:zdr",
        RouteFilter.DataCollection or RouteFilter.Training => "data_policy:training",
        RouteFilter.AllowedProviders or RouteFilter.Only or RouteFilter.Ignored or RouteFilter.NoFallback => "allowed_providers",
        RouteFilter.Quantization => "quantization",
        RouteFilter.Price => "max_price",
        RouteFilter.OutputLength or RouteFilter.ContextLength => "context_length",
        RouteFilter.Tools or RouteFilter.Parameters or RouteFilter.SoftParameters => "require_parameters",
        _ => null,
    };
}

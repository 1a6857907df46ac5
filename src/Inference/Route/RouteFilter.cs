namespace Fairlead.Inference.Route;

/// <summary>
/// Why an endpoint is not a candidate. The order is the order in which filters are applied and reported (routing R-16); values are stored with
/// decisions, so they only grow.
/// </summary>
internal enum RouteFilter : byte
{
    /// <summary>Kept.</summary>
    None = 0,
    /// <summary>Data policy or zero data retention.</summary>
    DataPolicy = 1,
    /// <summary><c>only</c>, <c>ignore</c>.</summary>
    Providers = 2,
    /// <summary><c>quantizations</c>.</summary>
    Quantization = 3,
    /// <summary><c>max_price</c>.</summary>
    Price = 4,
    /// <summary>Input or output modality.</summary>
    Modality = 5,
    /// <summary>More output asked than the endpoint can write.</summary>
    OutputLength = 6,
    /// <summary>Prompt and output do not fit.</summary>
    ContextLength = 7,
    /// <summary>Tools or a tool choice the endpoint lacks.</summary>
    Tools = 8,
    /// <summary>A parameter the endpoint lacks, under <c>require_parameters</c>, or a softer preference others meet.</summary>
    Parameters = 9,
    /// <summary>Kept by every filter, but fallbacks are off and another endpoint comes first.</summary>
    NoFallback = 10,
}

internal static class RouteFilters
{
    /// <summary>The step's name in error metadata and explanations.</summary>
    public static string Name(RouteFilter filter) => filter switch
    {
        RouteFilter.DataPolicy => "data_policy",
        RouteFilter.Providers => "provider_lists",
        RouteFilter.Quantization => "quantization",
        RouteFilter.Price => "max_price",
        RouteFilter.Modality => "modality",
        RouteFilter.OutputLength => "output_length",
        RouteFilter.ContextLength => "context_length",
        RouteFilter.Tools => "tools",
        RouteFilter.Parameters => "parameters",
        RouteFilter.NoFallback => "allow_fallbacks",
        _ => "kept",
    };

    /// <summary>The word of the <c>excluded_by</c> vocabulary (inference §13.4), or null where it has none.</summary>
    public static string? ExcludedBy(RouteFilter filter, bool zdr) => filter switch
    {
        RouteFilter.DataPolicy => zdr ? "data_policy:zdr" : "data_policy:training",
        RouteFilter.Providers => "allowed_providers",
        RouteFilter.Quantization => "quantization",
        RouteFilter.Price => "max_price",
        RouteFilter.OutputLength or RouteFilter.ContextLength => "context_length",
        RouteFilter.Tools or RouteFilter.Parameters => "require_parameters",
        _ => null,
    };
}

using Fairlead.Catalog.Snapshot;

namespace Fairlead.Catalog.Configuration;

/// <summary>Reads one element of a model's <c>endpoints</c>.</summary>
internal static class EndpointReader
{
    private static readonly MemberNames Members = new("an endpoint", "id", "provider", "tag", "model", "protocol", "quantization", "context_length",
        "max_completion_tokens", "max_prompt_tokens", "pricing", "supported_parameters", "allowed_passthrough_parameters", "supports_implicit_caching",
        "is_moderated", "can_abort", "status", "data_policy", "zdr", "rate_limit", "reasoning_form", "reasoning_mandatory", "reasoning_in_content",
        "tool_choice", "not_dispatchable");

    private static readonly MemberNames LimitMembers = new("rate_limit", "rpm", "tpm");

    public static EndpointEntry? Read(ref ConfigurationCursor json)
    {
        var at = json.Here;
        if (!json.EnterObject())
            return null;
        var read = new EndpointEntry { At = at };
        while (json.NextMember(Members, out var name))
        {
            switch (name)
            {
                case "id": read.Id = json.Text(100); break;
                case "provider": read.Provider = json.Text(100); break;
                case "tag": read.Tag = json.Text(100); break;
                case "model": read.UpstreamModel = json.Text(); break;
                case "protocol": read.Protocol = WireNames.Choice(ref json, WireNames.Protocols); break;
                case "quantization": read.Quantization = json.Text(20); break;
                case "context_length": read.ContextLength = Tokens(ref json); break;
                case "max_completion_tokens": read.MaxCompletionTokens = Tokens(ref json); break;
                case "max_prompt_tokens": read.MaxPromptTokens = Tokens(ref json); break;
                case "pricing": read.Pricing = PricingReader.Read(ref json); break;
                case "supported_parameters": read.SupportedParameters = json.Texts() ?? []; break;
                case "allowed_passthrough_parameters": read.Passthrough = json.Texts() ?? []; break;
                case "supports_implicit_caching": read.SupportsImplicitCaching = json.Flag() ?? false; break;
                case "is_moderated": read.IsModerated = json.Flag(); break;
                case "can_abort": read.CanAbort = json.Flag(); break;
                case "status": read.Status = Status(ref json); break;
                case "data_policy": read.DataPolicy = ProviderReader.ReadPolicy(ref json); break;
                case "zdr": read.Zdr = json.Flag() ?? false; break;
                case "rate_limit": ReadLimits(ref json, read); break;
                case "reasoning_form": read.ReasoningForm = WireNames.Choice(ref json, WireNames.ReasoningForms); break;
                case "reasoning_mandatory": read.ReasoningMandatory = json.Flag() ?? false; break;
                case "reasoning_in_content": read.ReasoningInContent = json.Flag() ?? false; break;
                case "tool_choice": read.ToolChoice = ToolChoices(ref json); break;
                default: read.NotDispatchable = json.Text(); break;
            }
        }

        if (read.Provider is null && !json.HasMistakeUnder("provider"))
            json.Report(at, "\"provider\" is missing: the slug of the provider that serves it.");
        if (read.Pricing is null && !json.HasMistakeUnder("pricing"))
            json.Report(at, "\"pricing\" is missing; a free endpoint says {\"prompt\": \"0\", \"completion\": \"0\"}.");
        return read;
    }

    /// <summary>A number of tokens: from 1 to 100 million.</summary>
    public static int? Tokens(ref ConfigurationCursor json) => (int?)json.Whole(1, 100_000_000);

    private static int Status(ref ConfigurationCursor json)
    {
        var at = json.Mark;
        var status = (int)(json.Whole(EndpointStatus.Disabled, 0) ?? 0);
        if (!EndpointStatus.All.Contains(status))
            json.Report(at, $"must be one of {string.Join(", ", EndpointStatus.All)}.");
        return status;
    }

    private static IReadOnlyList<string>? ToolChoices(ref ConfigurationCursor json)
    {
        var at = json.Mark;
        var list = json.Texts(20);
        if (list is null || list.All(WireNames.ToolChoices.Contains))
            return list;
        json.Report(at, $"may hold only: {string.Join(", ", WireNames.ToolChoices)}.");
        return null;
    }

    private static void ReadLimits(ref ConfigurationCursor json, EndpointEntry read)
    {
        if (json.IsNull || !json.EnterObject())
            return;
        while (json.NextMember(LimitMembers, out var name))
        {
            var limit = (int)(json.Whole(0, int.MaxValue) ?? 0);
            if (name == "rpm")
                read.RpmLimit = limit;
            else
                read.TpmLimit = limit;
        }
    }
}

using System.Buffers;
using System.Text;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>
/// Writes the request for an OpenAI-style host from the caller's own bytes: members the host takes are copied, ours and those it lacks are left out
/// (inference §3.1 "Lacking", I-02), those it wants otherwise are changed (providers §3.1, §4).
/// </summary>
internal static class ChatRequestEditor
{
    /// <summary>Writes the body, or says why it cannot be said to this endpoint.</summary>
    public static GatewayError? Write(RequestContext context, IBufferWriter<byte> target)
    {
        if (ReasoningMembers.Check(context) is { } error)
            return error;
        if (context.Quirks.DocumentParts && DocumentParts.Check(context.Request) is { } unsayable)
            return unsayable;
        if (context.Supports(ParameterSet.Stop) && !IsRefused(RequestMember.Stop, context) && StopSequences.Check(context.Request, context.Quirks.MostStops) is { } unstoppable)
            return unstoppable;
        var output = new JsonOutput(target);
        output.BeginObject();
        output.Name("model"u8);
        output.String(context.Target.Model);
        var hasCacheKey = false;
        var passed = default(PassedNames);
        var members = new JsonMembers(context.Request.Body.Span);
        while (members.Next())
        {
            if (members.Kind == JsonTokenType.Null)
                continue;
            if (!RequestMembers.TryFind(members.Name, out var member))
            {
                if (IsPassedThrough(context.Target, members.Name))
                {
                    passed.Add(members.Name);
                    output.Member(members.Name, members.Value);
                }
                continue;
            }
            hasCacheKey |= member == RequestMember.PromptCacheKey;
            WriteMember(member, members.Value, context, ref output);
        }
        if (context.Target.ServiceTier is { } tier)
        {
            output.Name("service_tier"u8);
            output.String(tier);
        }

        WriteTokenCap(context, ref output);
        WriteStream(context, ref output);
        ReasoningMembers.Write(context, passed, ref output);
        WriteUser(context, hasCacheKey, ref output);
        WriteExtra(context, passed, ref output);
        output.EndObject();
        output.Flush();
        return null;
    }

    private static void WriteMember(RequestMember member, ReadOnlySpan<byte> value, RequestContext context, ref JsonOutput output)
    {
        switch (member)
        {
            case RequestMember.Messages:
                output.Name("messages"u8);
                MessageListEditor.Write(value, context, ref output);
                break;
            case RequestMember.Prompt:
                output.Name("messages"u8);
                output.BeginArray();
                output.BeginObject();
                output.Member("role"u8, "\"user\""u8);
                output.Member("content"u8, value);
                output.EndObject();
                output.EndArray();
                break;
            case RequestMember.Tools or RequestMember.Functions:
                if (context.SendsTools && value.Length > 2)
                    ToolListEditor.Write(value, bare: member == RequestMember.Functions, context, ref output);
                break;
            case RequestMember.ToolChoice:
                // What every caller can say is written from the canonical form; an OpenAI form beyond it passes to OpenAI.
                if (context.Request.ToolChoice is null && context.Family != default && context.SendsTools && value[0] == (byte)'{')
                    output.Member("tool_choice"u8, value);
                break;
            case RequestMember.ResponseFormat:
                ResponseFormatEditor.Write(value, context, ref output);
                break;
            case RequestMember.Modalities or RequestMember.Audio:
                // A model that makes images unasked is told when only text is wanted.
                if (context.Request.Modalities.Any(m => m != "text") || (member == RequestMember.Modalities && context.Target.WritesImages))
                    output.Member(member == RequestMember.Audio ? "audio"u8 : "modalities"u8, value);
                break;
            case RequestMember.ImageConfig:
                if (context.Target.WritesImages)
                    output.Member("image_config"u8, value);
                break;
            case RequestMember.PromptCacheKey:
                if (context.Quirks.PromptCacheKey)
                    output.Member("prompt_cache_key"u8, value);
                break;
            case RequestMember.PromptCacheOptions:
                if (context.CacheMarks == CacheMarks.Breakpoint)
                    output.Member("prompt_cache_options"u8, value);
                break;
            case RequestMember.ServiceTier:
                if (context.Target.ServiceTier is null && context.Request.ServiceTier is { } tier && context.Quirks.ServiceTiers.Contains(tier))
                    output.Member("service_tier"u8, value);
                break;
            default:
                // A member that asks for nothing (parallel calls without tools, an empty stop) is not among the used ones: hosts answer 400 to some.
                var capability = RequestMembers.Capability(member);
                if ((context.Request.Used & capability) != ParameterSet.None && context.Supports(capability) && !IsRefused(member, context))
                    WriteParameter(member, value, context, ref output);
                break;
        }
    }

    // OpenAI's reasoning and search models answer 400 to parameters their endpoint records may list (§3.1), and many hosts to a word about
    // parallel calls without tools.
    private static bool IsRefused(RequestMember member, RequestContext context)
    {
        if (member == RequestMember.ParallelToolCalls)
            return !context.SendsTools || context.Request.Content.Tools == 0;
        if (context.Family.IsSearchPreview)
        {
            return member is RequestMember.Temperature or RequestMember.TopP or RequestMember.PresencePenalty or RequestMember.FrequencyPenalty
                or RequestMember.LogitBias or RequestMember.Seed or RequestMember.N;
        }
        return context.Family.IsReasoning && member switch
        {
            RequestMember.FrequencyPenalty or RequestMember.PresencePenalty or RequestMember.LogitBias or RequestMember.Stop => true,
            RequestMember.Temperature or RequestMember.TopP => context.RefusesSampling,
            _ => false,
        };
    }

    private static void WriteParameter(RequestMember member, ReadOnlySpan<byte> value, RequestContext context, ref JsonOutput output)
    {
        switch (member)
        {
            case RequestMember.Temperature when context.Quirks.MaxTemperature is { } most && context.Request.Temperature > (double)most:
                output.Name("temperature"u8);
                output.Number(most);
                break;
            case RequestMember.Seed:
                output.Name(Encoding.UTF8.GetBytes(context.Quirks.SeedName));
                output.Raw(context.Quirks.UnsignedSeed ? value.TrimStart((byte)'-') : value);
                break;
            case RequestMember.Verbosity:
                // xhigh and max are ours; the host knows three words.
                output.Member("verbosity"u8, value.SequenceEqual("\"low\""u8) || value.SequenceEqual("\"medium\""u8) ? value : "\"high\""u8);
                break;
            case RequestMember.Logprobs when context.Quirks.IntegerLogprobs:
                if (context.Request.Logprobs)
                {
                    output.Name("logprobs"u8);
                    output.Number((long)Math.Max(context.Request.TopLogprobs ?? 1, 1));
                }
                break;
            case RequestMember.TopLogprobs when context.Quirks.IntegerLogprobs:
                break;
            default:
                var name = ParameterNames.Names(RequestMembers.Capability(member)).Single();
                output.Name(Encoding.UTF8.GetBytes(name));
                output.Raw(value);
                break;
        }
    }

    private static void WriteTokenCap(RequestContext context, ref JsonOutput output)
    {
        if (context.MaxTokens is not { } cap)
            return;
        var modern = context.Quirks.WantsMaxCompletionTokens || context.Family.IsReasoning
            || (context.Supports(ParameterSet.MaxCompletionTokens) && !context.Supports(ParameterSet.MaxTokens));
        output.Name(modern ? "max_completion_tokens"u8 : "max_tokens"u8);
        output.Number((long)cap);
    }

    private static void WriteStream(RequestContext context, ref JsonOutput output)
    {
        if (!context.Call.Stream)
            return;
        output.Member("stream"u8, "true"u8);
        if (context.Quirks.StreamOptions)
            output.Member("stream_options"u8, context.Quirks.Obfuscates ? """{"include_usage":true,"include_obfuscation":false}"""u8 : """{"include_usage":true}"""u8);
    }

    private static void WriteUser(RequestContext context, bool hasCacheKey, ref JsonOutput output)
    {
        if (context.Call.UserHash is not { } hash)
            return;
        foreach (var name in context.Quirks.UserMembers)
        {
            if (hasCacheKey && name == "prompt_cache_key")
                continue;
            output.Name(Encoding.UTF8.GetBytes(name));
            output.String(hash);
        }
    }

    private static void WriteExtra(RequestContext context, PassedNames passed, ref JsonOutput output)
    {
        foreach (var extra in context.Quirks.Extra)
        {
            if (!context.Target.Slug.StartsWith(extra.ModelPrefix, StringComparison.Ordinal) || passed.Contains(extra.Name)
                || (extra.OnlyReasoning && context.Target.ReasoningForm == ReasoningForm.None))
            {
                continue;
            }
            output.Name(Encoding.UTF8.GetBytes(extra.Name));
            output.Raw(Encoding.UTF8.GetBytes(context.Request.Reasoning?.Exclude == true && extra.WhenExcluded is { } excluded ? excluded : extra.Value));
        }
    }

    private static bool IsPassedThrough(UpstreamTarget target, ReadOnlySpan<byte> name)
    {
        foreach (var allowed in target.Passthrough)
        {
            if (allowed.Length == name.Length && Encoding.UTF8.GetByteCount(allowed) == name.Length && Encoding.UTF8.GetBytes(allowed).AsSpan().SequenceEqual(name))
                return true;
        }
        return false;
    }
}

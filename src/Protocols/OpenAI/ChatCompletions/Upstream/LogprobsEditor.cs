using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>
/// Writes <c>logprobs</c>. Together's older shape <c>{tokens:[…],token_logprobs:[…]}</c> becomes <c>content:[{token,logprob,bytes,top_logprobs}]</c>
/// (providers §2.4); everything else passes.
/// </summary>
internal static class LogprobsEditor
{
    public static void Write(ReadOnlySpan<byte> logprobs, ref JsonOutput output)
    {
        output.Name("logprobs"u8);
        if (logprobs.IsEmpty)
        {
            output.Null();
            return;
        }
        var tokens = logprobs[0] == (byte)'{' ? JsonMembers.Find(logprobs, "tokens"u8) : default;
        var values = tokens.IsEmpty ? default : JsonMembers.Find(logprobs, "token_logprobs"u8);
        if (tokens.IsEmpty || values.IsEmpty)
        {
            output.Raw(logprobs);
            return;
        }
        output.BeginObject();
        output.Name("content"u8);
        output.BeginArray();
        var token = new JsonElements(tokens);
        var value = new JsonElements(values);
        while (token.Next() && value.Next())
        {
            output.BeginObject();
            output.Member("token"u8, token.Value);
            output.Member("logprob"u8, value.Value.SequenceEqual("null"u8) ? "0"u8 : value.Value);
            output.Member("bytes"u8, "null"u8);
            output.Member("top_logprobs"u8, "[]"u8);
            output.EndObject();
        }
        output.EndArray();
        output.EndObject();
    }
}

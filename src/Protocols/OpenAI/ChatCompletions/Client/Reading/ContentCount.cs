using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

/// <summary>What the content read so far adds up to.</summary>
internal struct ContentCount
{
    /// <summary>What a message costs beside its text: the o200k chat format wraps each in three tokens and primes the answer with three more.</summary>
    public const int TokensPerMessage = 3;

    public int Messages;
    public int Tools;
    public int Images;
    public int Files;
    public int Audio;
    public int Videos;
    public long AudioSeconds;
    public long Tokens;

    public readonly ContentFacts ToFacts() => new(
        Messages, Tools, Images, Files, Audio, Videos, (int)Math.Min(AudioSeconds, int.MaxValue),
        (int)Math.Min(Tokens + ((Messages + 1L) * TokensPerMessage), int.MaxValue));
}

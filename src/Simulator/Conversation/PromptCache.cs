namespace Fairlead.Simulator.Conversation;

/// <summary>Remembers the prefixes of earlier prompts by their hash, so that a repeated long prefix is reported as cached. Forgets the oldest beyond a bound.</summary>
internal sealed class PromptCache
{
    public const int LeastTokens = 1024;
    private const int Step = 128;
    private const int MostPrefixes = 100_000;
    private const ulong HashStart = 14695981039346656037;

    private readonly Lock _lock = new();
    private readonly HashSet<ulong> _known = [];
    private readonly Queue<ulong> _order = new();

    /// <summary>Counts the prompt, and finds how much of its start was seen before.</summary>
    /// <param name="prompt">What is asked.</param>
    /// <param name="scope">Dialect; prefixes are only shared within it and the model.</param>
    /// <param name="marked">True: only prefixes that end at a cache mark are kept, and written tokens are reported (Anthropic). False: every 128 tokens (OpenAI, Gemini).</param>
    public PromptTokens Read(Prompt prompt, string scope, bool marked)
    {
        long tokens = 0;
        var hash = Mix(Mix(HashStart, scope), prompt.Model);
        var ends = new List<(long Tokens, ulong Hash, bool Keep)>();
        foreach (var tool in prompt.Tools)
        {
            Walk(tool.Source, 8);
        }

        foreach (var turn in prompt.Turns)
        {
            Walk($"{turn.Speaker}:{turn.Text}", 1);
            turn.Calls.ToList().ForEach(c => Walk(c.Name + c.Arguments, 3));
            turn.Outcomes.ToList().ForEach(o => Walk(o.Name + o.Text, 3));
            turn.Images.ToList().ForEach(i => Walk(i, 85));
            turn.Files.ToList().ForEach(f => Walk(f, 300));
            if (marked && tokens >= LeastTokens)
            {
                ends.Add((tokens, hash, turn.CacheMark));
            }
        }

        return Match(ends, tokens, marked);

        void Walk(string text, int extra)
        {
            tokens += extra;
            for (var at = 0; at < text.Length;)
            {
                var length = Pieces.NextLength(text, at);
                hash = Mix(hash, text.AsSpan(at, length));
                at += length;
                tokens++;
                if (!marked && tokens >= LeastTokens && tokens % Step == 0)
                {
                    ends.Add((tokens, hash, true));
                }
            }
        }
    }

    private PromptTokens Match(List<(long Tokens, ulong Hash, bool Keep)> ends, long tokens, bool marked)
    {
        long cached = 0;
        long kept = 0;
        lock (_lock)
        {
            foreach (var end in ends)
            {
                if (_known.Contains(end.Hash))
                {
                    cached = end.Tokens;
                }

                if (end.Keep)
                {
                    kept = end.Tokens;
                    if (_known.Add(end.Hash))
                    {
                        _order.Enqueue(end.Hash);
                    }
                }
            }

            while (_order.Count > MostPrefixes)
            {
                _known.Remove(_order.Dequeue());
            }
        }

        return new PromptTokens(tokens, cached, marked ? Math.Max(0, kept - cached) : 0);
    }

    private static ulong Mix(ulong hash, ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            hash = (hash ^ c) * 1099511628211;
        }

        return (hash ^ 0xffff) * 1099511628211;
    }
}

/// <summary>All tokens of the prompt, and how many of them were read from and written to the cache.</summary>
internal readonly record struct PromptTokens(long All, long Cached, long Written);

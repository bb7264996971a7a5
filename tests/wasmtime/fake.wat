;; A stand-in for sonde-edge.wasm that traps when it is told to: its verdict on
;; a line or a body is that text itself. A text that begins with '!' runs into
;; unreachable code, with '~' it loops for ever, with '?' the answer makes no
;; sense. What it remembers is the number of its secrets, which signed_check
;; gives.
(module
  (memory (export "memory") 16)
  (global $in i32 (i32.const 4096))
  (global $out i32 (i32.const 409600))
  (global $secrets (mut i32) (i32.const 0))
  (data (i32.const 1024) "\00\10\00\00\00\00\06\00\00\40\06\00\00\80\06\00")

  (func (export "signed_option") (param $id i32) (param $value f64) (result i32)
    (i32.const 0))
  (func (export "signed_start") (result i32) (i32.const 1024))
  (func (export "signed_secret") (param $size i32) (result i32)
    (if (i32.lt_u (local.get $size) (i32.const 16))
      (then (return (i32.const -14))))
    (global.set $secrets (i32.add (global.get $secrets) (i32.const 1)))
    (global.get $secrets))
  (func (export "signed_origin") (param i32) (result i32) (i32.const 1))
  (func (export "signed_next") (param i32) (result i32) (i32.const 1))
  (func (export "signed_defaults") (param i32 i32 i32) (result i32)
    (i32.const 0))
  (func (export "signed_render") (param f64) (result i32) (i32.const 0))
  (func (export "signed_check") (param f64 i32) (result i32)
    (global.get $secrets))

  (func $obey (param $at i32)
    (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 0x21))
      (then (unreachable)))
    (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 0x7e))
      (then (loop $ever (br $ever)))))

  ;; `size` bytes from `at` are the text of `out`
  (func $give (param $at i32) (param $size i32) (result i32)
    (memory.copy (global.get $out) (local.get $at) (local.get $size))
    (local.get $size))
  (func (export "signed_seal") (param $size i32) (result i32)
    (call $give (i32.add (global.get $in) (i32.const 12))
      (i32.sub (local.get $size) (i32.const 12))))
  (func (export "signed_open") (param $size i32) (result i32)
    (call $give (global.get $in) (local.get $size)))

  ;; the answer that begins with a count and the bytes dealt with
  (func $answer (param $count i32) (param $taken i32) (param $at i32)
    (param $size i32) (result i32)
    (i32.store (global.get $out) (local.get $count))
    (i32.store offset=4 (global.get $out) (local.get $taken))
    (memory.copy (i32.add (global.get $out) (i32.const 8)) (local.get $at)
      (local.get $size))
    (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 0x3f))
      (then (return (i32.const 0x7fffffff))))
    (i32.add (local.get $size) (i32.const 8)))

  ;; the first frame only: its body and a line end
  (func (export "signed_verify") (param $size i32) (result i32)
    (local $body i32) (local $length i32)
    (local.set $body
      (i32.add (i32.add (global.get $in) (i32.const 24))
        (i32.add (i32.load offset=8 (global.get $in))
          (i32.load offset=16 (global.get $in)))))
    (if (i32.ne (i32.load offset=12 (global.get $in)) (i32.const -1))
      (then (local.set $body (i32.add (local.get $body)
        (i32.load offset=12 (global.get $in))))))
    (local.set $length (i32.load offset=20 (global.get $in)))
    (call $obey (local.get $body))
    (i32.store8 (i32.add (local.get $body) (local.get $length)) (i32.const 10))
    (call $answer (i32.const 1)
      (i32.and (i32.const -8) (i32.add (i32.const 7) (i32.sub
        (i32.add (local.get $body) (local.get $length)) (global.get $in))))
      (local.get $body) (i32.add (local.get $length) (i32.const 1))))

  ;; whole lines; with flag 2, what is behind the last line end is one, too
  (func (export "signed_lines") (param $now f64) (param $size i32)
    (param $first f64) (param $flags i32) (result i32)
    (local $at i32) (local $end i32) (local $start i32) (local $count i32)
    (local $taken i32) (local $added i32)
    (local.set $at (global.get $in))
    (local.set $start (local.get $at))
    (local.set $end (i32.add (local.get $at) (local.get $size)))
    (if (i32.and
          (i32.ne (i32.load8_u (i32.sub (local.get $end) (i32.const 1)))
            (i32.const 10))
          (i32.and (i32.const 1) (i32.shr_u (local.get $flags) (i32.const 1))))
      (then
        (i32.store8 (local.get $end) (i32.const 10))
        (local.set $end (i32.add (local.get $end) (i32.const 1)))
        (local.set $added (i32.const 1))))
    (block $done
      (loop $more
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 10))
          (then
            (call $obey (local.get $start))
            (local.set $count (i32.add (local.get $count) (i32.const 1)))
            (local.set $start (i32.add (local.get $at) (i32.const 1)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $more)))
    (local.set $taken (i32.sub (local.get $start) (global.get $in)))
    (call $answer (local.get $count)
      (select (local.get $size) (local.get $taken)
        (i32.gt_u (local.get $taken) (local.get $size)))
      (global.get $in) (local.get $taken)))
)
